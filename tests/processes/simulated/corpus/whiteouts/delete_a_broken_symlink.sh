# A symlink to nowhere can be deleted.
rm broken.link
ls -l broken.link
