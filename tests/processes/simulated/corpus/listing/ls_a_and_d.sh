# -a shows . and .., -A does not, -d shows a directory itself.
ls -a data
ls -A data
ls -d data docs.link
