# Programs that read files refuse directories.
cat docs
head docs
wc docs
grep x docs
sed p docs
sort docs
sha256sum docs
cp docs x
