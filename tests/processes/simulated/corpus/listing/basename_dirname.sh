# basename and dirname cut a path in two.
basename /site/docs/guide.md
basename docs/guide.md .md
dirname docs/guide.md
dirname notes.txt
basename /
