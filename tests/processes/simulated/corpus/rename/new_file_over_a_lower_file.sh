# Writing beside and renaming over: the usual safe way to replace a file.
sed 's/8080/9090/' config.ini > config.new
mv config.new config.ini
cat config.ini
ls config*
