# for goes through words.
for n in 1 2 3; do echo $n; done
for f in docs/*.md; do wc -l "$f"; done
for x in; do echo never; done
echo "x is <$x>"
