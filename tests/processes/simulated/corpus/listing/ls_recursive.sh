# ls -R goes down into every directory.
ls -R docs
