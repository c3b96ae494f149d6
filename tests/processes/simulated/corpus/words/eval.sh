# eval reads its arguments as a command again.
command='echo "two   words"; echo done'
eval "$command"
name=x
eval "$name=5"
echo $x
