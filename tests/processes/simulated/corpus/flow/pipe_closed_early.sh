# A writer ends when nobody reads any more.
while true; do echo again; done | head -n 3
echo done
