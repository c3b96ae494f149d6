# A directory copied, deleted, and replaced by its copy.
cp -a docs docs.new
rm -rf docs
mv docs.new docs
find docs | sort
