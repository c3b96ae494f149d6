# A background job has its own working directory and umask.
(cd docs; umask 077; echo secret > secret.md) &
wait
pwd
stat -c '%a' docs/secret.md
