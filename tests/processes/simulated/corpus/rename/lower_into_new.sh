# A lower directory put into a new one of its own name.
mv docs d2
mkdir docs
mv d2 docs/
find docs | sort
