# A script with #! runs by its name, and through PATH.
./greet.sh
/app/bin/tool.sh a b
PATH=$PATH:/app/bin
tool.sh
tool.sh "one argument"
