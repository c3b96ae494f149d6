# exec replaces the shell: nothing after it runs.
(exec echo replaced; echo not reached)
exec cat app.txt
echo not reached
