# A process may stand in a directory that is gone.
mkdir gone
cd gone
rmdir ../gone
ls
touch file
