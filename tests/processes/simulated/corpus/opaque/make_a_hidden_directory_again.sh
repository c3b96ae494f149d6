# A directory that an opaque one hides can be made again, and starts empty.
mkdir cache/old
ls cache/old
