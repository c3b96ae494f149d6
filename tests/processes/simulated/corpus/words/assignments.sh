# An assignment before a command is for that command only.
x=outer
x=inner sh -c 'echo $x'
echo $x
y=1 z=2
echo $y$z
