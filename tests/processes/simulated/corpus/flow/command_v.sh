# command -v says what a name would run.
command -v ls
command -v cd
hello() { :; }
command -v hello
command -v nosuchprogram; echo $?
type cd hello ls
