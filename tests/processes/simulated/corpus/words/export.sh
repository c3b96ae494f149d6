# Only exported variables reach a program.
a=1
export b=2
sh -c 'echo "<$a> <$b>"'
export a
sh -c 'echo "<$a> <$b>"'
unset b
sh -c 'echo "<$a> <$b>"'
