# printf fills a format in, as often as there are arguments.
printf '%s\n' one "two three"
printf '%d %x %o %c\n' 255 255 8 hello
printf '%05.1f|%-6s|%6s|\n' 3.14159 left right
printf '100%%\n'
printf '%b' 'tab\there\n'
