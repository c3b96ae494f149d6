# A directory that a middle layer made opaque hides what is below it.
ls cache
cat cache/index
