# The kernel refuses to rename a lower directory (EXDEV): mv copies it and deletes the old one.
mv docs manual
find manual | sort
ls docs
