# "$@" keeps each argument a word, "$*" makes one of all.
set -- a "b c" d
for x in "$@"; do echo "<$x>"; done
for x in "$*"; do echo "<$x>"; done
for x in $*; do echo "<$x>"; done
echo $# $2
shift
echo $1 $#
