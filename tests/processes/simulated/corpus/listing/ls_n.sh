# -n shows numbers instead of names, -o no group, -g no owner.
ls -ln notes.txt
ls -o notes.txt
ls -g notes.txt
