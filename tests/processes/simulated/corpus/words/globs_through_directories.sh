# Patterns may stand for directories too.
echo docs/*/*/*.md
echo */
echo d*/*.csv
