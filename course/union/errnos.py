"""Errors of calls: OSError with Linux's errno and Linux's words, on every system."""

import errno

# Windows lacks a few names; the numbers there are those of Linux
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

    >>> failure(errno.ENOENT, "/etc/motd")
    FileNotFoundError(2, 'No such file or directory')
    """
    message = MESSAGES[number]
    if path is None:
        return OSError(number, message)
    return OSError(number, message, path) if second is None else OSError(number, message, path, None, second)
