# A new directory may take the name of a deleted one.
mkdir new
touch new/page
rm -r docs
mv new docs
ls docs
