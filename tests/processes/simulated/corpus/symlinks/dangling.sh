# A link to nowhere exists as a link, not as a file.
cat broken.link
test -e broken.link; echo $?
test -L broken.link; echo $?
echo created > broken.link
cat nowhere
