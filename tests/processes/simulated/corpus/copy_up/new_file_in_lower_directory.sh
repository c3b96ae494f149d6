# A new file in a lower directory brings the directory up, alone.
echo "chapter" > docs/chapter.md
ls docs
stat -c '%F' docs/chapter.md
