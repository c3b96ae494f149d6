# A symlink to a directory works as one.
ln -s docs/api api
cat api/index.md
cd api
pwd
pwd -P
