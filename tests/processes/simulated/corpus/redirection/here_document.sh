# A here-document is input written in place; variables are filled in.
name=overlay
cat << END
hello from $name
$(echo a command) and \$name
END
