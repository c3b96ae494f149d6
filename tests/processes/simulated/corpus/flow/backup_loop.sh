# A loop that keeps a copy of each file that it changes.
for f in notes.txt app.txt; do
  cp -p "$f" "$f.orig"
  sed 's/l/L/g' "$f.orig" > "$f"
done
cat notes.txt app.txt
ls *.orig
