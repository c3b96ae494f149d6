# A directory that a middle layer made opaque, deleted and made again.
rm -r cache
mkdir cache
touch cache/index
ls cache
