# Renaming many files with a loop.
for f in *.md *.csv docs/*.md; do
  [ -e "$f" ] || continue
  mv "$f" "${f%.md}.txt"
done
ls docs
