# What a subshell changes stays in it.
x=1
(x=2; cd docs; echo $x; pwd)
echo $x
pwd
{ x=3; }
echo $x
