# find -links and -samefile see which names are one file.
find . -links 2 -type f | sort
find . -samefile first.txt | sort
