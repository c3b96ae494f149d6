# A function has its own parameters; its variables are the script's, unless local.
greet() { echo "hello, $1"; last=$1; }
greet ada
greet grace
echo $last $#
f() { local last=inner; return 3; }
f
echo $? $last
