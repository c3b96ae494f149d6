# What sleeps less is done first.
(sleep 0.4; echo second) &
(sleep 0.1; echo first) &
wait
echo third
