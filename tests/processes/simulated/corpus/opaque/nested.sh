# Opaque directories in an opaque directory.
rm -r docs
mkdir docs
mkdir docs/api
echo x > docs/api/x
rm -r docs/api
rmdir docs
mkdir -p docs/api
ls -R docs
