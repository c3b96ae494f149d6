# A new directory is renamed in one step, with all that is in it.
mkdir -p new/deep
echo x > new/deep/x
mv new newer
find newer | sort
