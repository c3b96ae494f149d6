# A word where none may be.
echo one
done
echo two
