# A redirection that fails: the command does not run.
echo hello > nowhere/file
echo $?
cat < nowhere
echo $?
echo hello > docs
echo still here
