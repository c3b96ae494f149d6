# -print0 and xargs -0 are safe with spaces.
find . -name '*words*' -print0 | xargs -0 cat
find . -name '*words*' | xargs cat
echo $?
