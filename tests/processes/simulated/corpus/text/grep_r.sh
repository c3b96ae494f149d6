# grep -r looks into every file of a tree.
grep -r open docs | sort
grep -rl version . | sort
