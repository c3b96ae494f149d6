# A script made, made executable, and run.
cat > count.sh << 'END'
#!/bin/sh
for f; do echo "$f: $(wc -l < "$f")"; done
exit 4
END
chmod +x count.sh
./count.sh notes.txt poem.txt
echo $?
