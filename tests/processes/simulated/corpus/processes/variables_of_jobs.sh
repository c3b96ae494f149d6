# A background job has a copy of the variables.
x=1
{ x=2; echo "job $x"; } &
wait
echo "script $x"
