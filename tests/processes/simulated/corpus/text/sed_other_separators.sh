# Any character may separate, so that slashes need no quoting.
echo /usr/local/bin | sed 's|/usr/local|/opt|'
echo "a.b.c" | sed 's/\./-/g'
sed -E 's/([a-z]+) = (.*)/\2 = \1/' config.ini
