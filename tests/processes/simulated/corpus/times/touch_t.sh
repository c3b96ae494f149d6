# touch -t takes digits.
touch -t 199912312359.58 old
stat -c '%y' old
