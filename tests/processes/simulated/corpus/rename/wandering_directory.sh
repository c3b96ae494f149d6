# A new directory may go from one lower directory to another, again and again.
mkdir -p new/a
mv new docs
mv docs/new docs/api
find docs/api -type d | sort
mv docs/api/new .
find new
