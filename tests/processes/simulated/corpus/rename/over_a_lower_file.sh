# The file that is renamed over is gone.
mv app.txt notes.txt
cat notes.txt
