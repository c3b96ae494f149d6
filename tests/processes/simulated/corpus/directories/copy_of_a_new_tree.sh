# A whole new tree below a merged directory.
mkdir -p docs/book/part1 docs/book/part2
for n in 1 2 3; do echo "chapter $n" > docs/book/part1/$n.txt; done
cp docs/book/part1/*.txt docs/book/part2
cat docs/book/part2/*
find docs/book -type f | wc -l
