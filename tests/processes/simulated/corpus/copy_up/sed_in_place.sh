# sed -i writes a new file and renames it over the old one.
sed -i 's/80/8888/' config.ini
cat config.ini
ls
