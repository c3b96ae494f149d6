# A lower directory full of whiteouts is empty, and rmdir removes it.
rm keep/one keep/two
ls keep
rmdir keep && echo removed
