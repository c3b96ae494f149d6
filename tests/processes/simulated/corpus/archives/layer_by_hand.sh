# A layer by hand: what was added, packed, and its digest.
mkdir -p layer/etc
echo hello > layer/etc/motd
touch -d @0 layer/etc/motd layer/etc layer
tar --sort=name --owner=0 --group=0 --numeric-owner -cf layer.tar -C layer .
tar -tf layer.tar
rm layer.tar
