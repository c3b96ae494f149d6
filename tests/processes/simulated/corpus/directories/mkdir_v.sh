# mkdir -v names each directory that it makes.
mkdir -pv new/deep/er
mkdir -v data 2>&1
