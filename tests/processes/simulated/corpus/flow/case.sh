# case compares a word with patterns.
for f in notes.txt docs.link greet.sh x; do
  case $f in
    *.txt) echo "$f: text";;
    *.link | *.lnk) echo "$f: link";;
    g*) echo "$f: greeting";;
    *) echo "$f: something else"
  esac
done
case "a b" in "a b") echo quoted;; esac
