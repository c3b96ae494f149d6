# Single quotes keep everything, double quotes keep words together.
name=world
echo 'hello, $name'
echo "hello, $name"
echo hello, \$name
echo "it's" 'say "hi"' "back\\slash"
