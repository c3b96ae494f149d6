# tar keeps hard links within an archive.
tar -cf h.tar hardlinks/left hardlinks/right
mkdir x
tar -xf h.tar -C x
stat -c '%h %n' x/hardlinks/*
rm h.tar
