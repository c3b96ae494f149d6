# A pipe's status is that of its last part.
false | true; echo $?
true | false; echo $?
cat nowhere | wc -l; echo $?
