# A readonly variable cannot be changed: that ends the script.
readonly x=1
echo $x
x=2
echo not reached
