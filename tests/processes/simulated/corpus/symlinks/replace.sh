# ln -sfn makes a link point elsewhere.
ln -sf poem.txt notes.link
readlink notes.link
ln -sfn data docs.link
readlink docs.link
