# ls -l shows where links point.
ls -l *.link
ls -lL notes.link
