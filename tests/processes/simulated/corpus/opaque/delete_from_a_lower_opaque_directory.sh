# Deleting in a directory that is opaque in a middle layer leaves an ordinary whiteout.
rm cache/new
ls cache
