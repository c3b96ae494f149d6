# * leaves dot files out; a pattern that matches nothing stays as it is.
echo data/*
echo data/.h*
echo *.nothing
ls *.nothing
