# rm removes a link, never the directory behind it.
rm docs.link/
rm -r docs.link
ls docs
