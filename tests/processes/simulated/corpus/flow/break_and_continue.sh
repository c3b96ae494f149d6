# break leaves a loop, or several; continue begins the next round.
for a in 1 2 3 4; do
  [ $a = 2 ] && continue
  [ $a = 4 ] && break
  echo $a
done
for a in 1 2; do for b in 1 2; do echo $a$b; break 2; done; done
