# A link to nowhere: most programs follow it and fail.
cat broken.link
cp broken.link x
stat -L broken.link
ls -L broken.link
ls broken.link
wc -c broken.link
