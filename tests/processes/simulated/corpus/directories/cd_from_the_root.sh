# From the root, too, one slash is enough.
cd /
pwd
cd site
pwd
cd ../../..
pwd
cd //site//docs/
pwd
