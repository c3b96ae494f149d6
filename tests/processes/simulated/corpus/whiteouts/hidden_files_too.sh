# A directory is empty only when its dot files are gone.
rm data/*
rmdir data
echo $?
rm data/.hidden
rmdir data && echo removed
