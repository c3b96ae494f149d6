# What is copied up is the topmost version, never an older one.
echo "debug = yes" >> config.ini
cat config.ini
