# Several here-documents, and one inside a loop.
for n in 1 2; do
cat << END
page $n
END
done
cat << A; cat << B
first
A
second
B
