# env shows and changes what a program is given.
env -i A=1 B=2 /bin/env
env X=hello sh -c 'echo $X'
HOME=/tmp sh -c 'echo $HOME ~'
