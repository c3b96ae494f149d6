# id says who this is.
id -u
id -un
id -gn
whoami
