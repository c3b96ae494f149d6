# ! turns a status round.
! false; echo $?
! true; echo $?
if ! [ -e nowhere ]; then echo "not there"; fi
! false | true; echo $?
