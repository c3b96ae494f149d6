# A directory that a middle layer deleted, made again, has nothing to hide: no mark.
mkdir trash
ls trash
echo mine > trash/b
cat trash/*
