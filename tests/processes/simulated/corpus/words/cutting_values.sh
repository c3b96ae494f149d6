# %, %%, # and ## cut from a value.
path=/work/docs/guide.tar.gz
echo ${path##*/} ${path%/*}
echo ${path%.*} ${path%%.*}
echo ${path#/} ${#path}
