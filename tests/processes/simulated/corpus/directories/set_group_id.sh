# Files in a set-group-id directory get its group, and directories the bit too.
# needs: root
touch /app/shared/file
mkdir /app/shared/dir
stat -c '%A %g %n' /app/shared/file /app/shared/dir
