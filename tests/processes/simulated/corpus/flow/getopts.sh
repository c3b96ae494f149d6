# getopts takes options apart.
set -- -a -n 5 -- -x file
while getopts an: option; do
  case $option in
    a) echo all;;
    n) echo "number $OPTARG";;
    *) echo wrong
  esac
done
shift $((OPTIND - 1))
echo "$@"
