# From the root, too, one slash is enough.
cd /
pwd
cd work
pwd
cd ../../..
pwd
cd //work//docs/
pwd
