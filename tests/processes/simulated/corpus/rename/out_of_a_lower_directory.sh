# A file moved out of a lower directory leaves its whiteout there.
mv docs/guide.md .
ls docs
cat guide.md
