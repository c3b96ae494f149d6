# With a quoted end word nothing is filled in.
cat << 'END' > page.txt
$name `ls` \n
END
cat page.txt
