# rmdir of an empty lower directory leaves a whiteout.
rmdir empty
ls -d empty
