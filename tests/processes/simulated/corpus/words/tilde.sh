# ~ is the home directory, at the beginning of a word only.
echo ~ ~/x x~
echo "~"
cd ~ && pwd
