# touch copies a merged directory up, and nothing in it.
touch -d '2019-12-31 23:59:59' data
stat -c %Y data
ls data
