# Times as text and as seconds.
stat -c '%y' poem.txt
stat -c '%Y' poem.txt
stat --format='%n %Y' app.txt
