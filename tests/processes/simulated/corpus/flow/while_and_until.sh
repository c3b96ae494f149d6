# while goes on as long as its condition succeeds, until as long as it fails.
n=3
while [ $n -gt 0 ]; do echo $n; n=$((n - 1)); done
until [ $n -ge 2 ]; do n=$((n + 1)); echo $n; done
