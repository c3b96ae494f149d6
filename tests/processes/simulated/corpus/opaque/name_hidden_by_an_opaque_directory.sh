# A name that an opaque directory hides can be created; deleting it leaves nothing but the directory.
echo "fresh" > cache/index
cat cache/index
rm cache/index
ls cache
