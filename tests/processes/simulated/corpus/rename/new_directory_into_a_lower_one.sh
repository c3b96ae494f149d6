# A new directory moved below a merged one becomes opaque there.
mkdir tools
echo hammer > tools/list
mv tools docs/
cat docs/tools/list
