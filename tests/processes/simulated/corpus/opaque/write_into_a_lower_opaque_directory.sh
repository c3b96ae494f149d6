# Writing below a directory that is opaque in a middle layer brings it up; the old files stay hidden.
echo "newest" > cache/newest
ls cache
cat cache/old/page
