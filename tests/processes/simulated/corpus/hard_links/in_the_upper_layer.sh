# Links between new files hold.
echo one > a
ln a b
echo two >> b
cat a
rm a
stat -c %h b
