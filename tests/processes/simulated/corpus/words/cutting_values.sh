# %, %%, # and ## cut from a value.
path=/site/docs/guide.tar.gz
echo ${path##*/} ${path%/*}
echo ${path%.*} ${path%%.*}
echo ${path#/} ${#path}
