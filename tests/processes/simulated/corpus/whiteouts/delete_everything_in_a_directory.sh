# Deleting what lies in a directory leaves a whiteout for each name.
rm docs/*.md
ls docs
