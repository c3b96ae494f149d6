# sh -c takes a script from its argument, then $0 and the rest.
sh -c 'echo $0: $# $1 $2' name a "b c"
echo 'echo from stdin' | sh
sh greet.sh you
sh nowhere.sh; echo $?
