# A file that lay over a lower directory: deleting it does not bring the directory back.
cat swap
rm swap
ls swap
