# A directory deleted and made again is opaque: nothing below shows.
rm -r docs
mkdir docs
ls docs
