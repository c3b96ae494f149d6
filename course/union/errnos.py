"""Errors of calls: OSError with the errno that Linux gives, by its name, and Linux's words.

The number behind a name is that of the system this runs on (ENOENT is 2 on Linux, 44 in a browser), for it decides the
subclass of OSError: compare with ``errno.NAME``, and show ``error.strerror``.
"""

import errno

# where a system lacks a name, Linux's number stands in
ENODATA = getattr(errno, "ENODATA", 61)
ENOTSUP = getattr(errno, "EOPNOTSUPP", 95)

MESSAGES = {
    errno.EPERM: "Operation not permitted",
    errno.ENOENT: "No such file or directory",
    errno.ESRCH: "No such process",
    errno.ENXIO: "No such device or address",
    errno.E2BIG: "Argument list too long",
    errno.ENOEXEC: "Exec format error",
    errno.EBADF: "Bad file descriptor",
    errno.ECHILD: "No child processes",
    errno.EAGAIN: "Resource temporarily unavailable",
    errno.EACCES: "Permission denied",
    errno.EBUSY: "Device or resource busy",
    errno.EEXIST: "File exists",
    errno.EROFS: "Read-only file system",
    errno.EXDEV: "Invalid cross-device link",
    errno.ENOTDIR: "Not a directory",
    errno.EISDIR: "Is a directory",
    errno.EINVAL: "Invalid argument",
    errno.EMFILE: "Too many open files",
    errno.EFBIG: "File too large",
    errno.ENOSPC: "No space left on device",
    errno.ESPIPE: "Illegal seek",
    errno.EMLINK: "Too many links",
    errno.EPIPE: "Broken pipe",
    errno.ERANGE: "Numerical result out of range",
    errno.ENAMETOOLONG: "File name too long",
    errno.ENOTEMPTY: "Directory not empty",
    errno.ELOOP: "Too many levels of symbolic links",
    ENODATA: "No data available",
    ENOTSUP: "Operation not supported",
}


def failure(number: int, path: str | None = None, second: str | None = None) -> OSError:
    """Return the OSError that a call raises: errno ``number`` (int), about one or two paths (str).

    Python makes it the right subclass.  The words are those of Linux's strerror(3), wherever this runs.

    >>> failure(errno.ENOENT, "/etc/motd").strerror
    'No such file or directory'
    """
    message = MESSAGES[number]
    if path is None:
        return OSError(number, message)
    return OSError(number, message, path) if second is None else OSError(number, message, path, None, second)
