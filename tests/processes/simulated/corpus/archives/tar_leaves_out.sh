# --exclude leaves files out.
tar -cf d.tar --exclude='*.md' --exclude=v2 docs
tar -tf d.tar | sort
rm d.tar
