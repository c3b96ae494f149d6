# rm refuses to remove the directory that it is in.
cd docs
rm -r .
rm -rf ..
echo $?
