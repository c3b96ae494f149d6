# date writes a given time as asked.
date -u -d @0 '+%Y-%m-%d %H:%M:%S'
date -u -d @1700000000 +%s
date -d '2020-02-28 12:00:00' '+%a %d %b %j'
