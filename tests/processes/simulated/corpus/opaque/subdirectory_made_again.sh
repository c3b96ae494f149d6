# Only the directory that was deleted is opaque, not the one above it.
rm -r docs/api
mkdir docs/api
ls docs docs/api
