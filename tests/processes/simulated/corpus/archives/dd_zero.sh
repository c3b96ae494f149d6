# A file of zeros; seek leaves a hole.
dd if=/dev/zero of=zeros bs=512 count=2 status=none
stat -c %s zeros
echo x | dd of=hole bs=1 seek=65536 status=none
stat -c %s hole
du -k hole
