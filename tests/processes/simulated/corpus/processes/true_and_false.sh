# true, false and : do nothing but have a status.
true; echo $?
false; echo $?
/bin/true && echo yes
/bin/false || echo no
