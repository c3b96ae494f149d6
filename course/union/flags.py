"""The numbers that calls are given, as Linux has them on x86-64: a program of the simulator means these anywhere."""

# open(2): fcntl.h
O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE = 0, 1, 2, 3
O_CREAT = 0o100
O_EXCL = 0o200
O_TRUNC = 0o1000
O_APPEND = 0o2000
O_NONBLOCK = 0o4000
O_DIRECTORY = 0o200000
O_NOFOLLOW = 0o400000

# lseek(2)
SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE = 0, 1, 2, 3, 4

# access(2)
F_OK, X_OK, W_OK, R_OK = 0, 1, 2, 4

# renameat2(2)
RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT = 1, 2, 4

# setxattr(2)
XATTR_CREATE, XATTR_REPLACE = 1, 2

# limits.h, linux/limits.h
NAME_MAX = 255  # bytes in a name
PATH_MAX = 4096  # bytes in a path, its end counted
XATTR_NAME_MAX = 255
XATTR_SIZE_MAX = 65536
FILE_MAX = (1 << 63) - 1  # bytes in a file
OPEN_MAX = 1024  # descriptors of a process
