# $((…)) computes with whole numbers.
x=7
echo $((x + 3)) $((x * x)) $((x / 2)) $((x % 2))
echo $(( (1 + 2) * 3 )) $((2 << 4)) $((0x1f)) $((010))
echo $((x > 5)) $((x == 5)) $((!x)) $((x > 5 && x < 6))
x=$((x - 1)); echo $x
echo $((y = 4)) $((y += 2)) $y
