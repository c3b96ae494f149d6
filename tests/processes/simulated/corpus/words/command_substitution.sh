# $(…) is replaced by what a command writes, without newlines at the end.
echo "lines: $(wc -l < notes.txt)"
echo "<$(printf 'a\n\n\n')>"
echo `echo old style`
echo "$(echo "$(echo nested)")"
