# +x without a letter minds the umask.
echo 'echo it runs' > run
chmod +x run
stat -c %A run
./run
