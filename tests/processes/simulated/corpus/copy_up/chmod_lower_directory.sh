# A directory is copied up without what lies in it.
chmod 700 docs
stat -c '%a %n' docs
ls docs
