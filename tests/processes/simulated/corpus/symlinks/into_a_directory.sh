# The last word may be a directory: the link gets the target's name.
ln -s /etc/motd docs
ls -l docs/motd | cut -c1-10
cat docs/motd
