# if takes the first branch whose condition succeeds.
if [ -d docs ]; then echo directory; else echo none; fi
if grep -q whale poem.txt; then echo whale
elif grep -q layer poem.txt; then echo layer
else echo nothing
fi
if false; then echo x; fi
echo $?
