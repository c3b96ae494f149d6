# The shell remembers the way it came; cd -P and pwd -P look at the file system.
cd docs.link
pwd
pwd -P
cd ..
pwd
cd -P docs.link
pwd
