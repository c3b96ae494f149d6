# An opaque directory that is deleted becomes a whiteout again.
rm -r docs && mkdir docs && touch docs/a
rm -r docs
ls docs
