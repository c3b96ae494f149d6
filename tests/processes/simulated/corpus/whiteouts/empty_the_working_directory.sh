# rm -rf * leaves a whiteout for each name that a lower layer has.
rm -rf *
ls
ls -a
