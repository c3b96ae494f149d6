# A leading slash is taken away.
tar -cf m.tar /etc/motd
tar -tf m.tar
rm m.tar
