# Names with spaces are written as they are, unless a terminal reads them.
touch "it's" 'a"b'
ls *\ * it* a*b
