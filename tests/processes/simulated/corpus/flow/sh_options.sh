# sh -n only reads a script; sh -e ends at the first failure.
printf 'echo one\nfalse\necho two\n' > s.sh
sh -n s.sh
sh s.sh
sh -e s.sh; echo $?
