# The second write finds the copy in the upper layer.
echo one >> app.txt
echo two >> app.txt
cat app.txt
