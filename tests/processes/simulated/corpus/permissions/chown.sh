# A new owner copies the whole file up.
# needs: root
chown 1000:100 notes.txt
stat -c '%u:%g %U:%G' notes.txt
ls -l notes.txt
