"""What sed's s and l commands make of a line."""

from course.processes.simulated.programs.regular_expressions import Pattern

NAMED = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 92: b"\\\\"}


def replaced(pattern: Pattern, line: bytes, replacement: list[str | int], first: int, everywhere: bool) -> bytes | None:
    """Return ``line`` (bytes) with matches of ``pattern`` (Pattern) replaced, or None if there was none to replace.

    ``replacement`` is its parts (list of str, one character for each byte, and group numbers).  The match number
    ``first`` (int, from 1) is replaced, and all after it if ``everywhere`` (bool).

    >>> replaced(Pattern("b*"), b"abc", ["<", 0, ">"], 1, True)
    b'<>a<b>c<>'
    """
    done, at, count, last_end = b"", 0, 0, -1
    changed = False
    while at <= len(line) and (match := pattern.search(line, at)):
        start, end = match.span()
        if start == end == last_end:  # an empty match right behind another is none
            done += line[at : at + 1]
            at += 1
            last_end = -1
            continue
        count += 1
        done += line[at:start]
        if count < first:
            done += match.group()
        else:
            done += _filled(replacement, [match.group(), *match.groups(b"")])
            changed = True
        at = last_end = end
        if changed and not everywhere:
            break
        if start == end:
            done += line[at : at + 1]
            at += 1
            last_end = -1
    return done + line[at:] if changed else None


def _filled(replacement: list[str | int], groups: list[bytes]) -> bytes:
    """Return the replacement (bytes) with its groups filled in and its changes of case made."""
    done, lasting, once = b"", "", ""
    for part in replacement:
        if isinstance(part, str) and part[0] == "\\" and len(part) == 2:
            if part[1] in "ul":
                once = part[1]
            else:
                lasting, once = part[1], ""
            continue
        text = groups[part] if isinstance(part, int) else part.encode("latin-1")
        if lasting in ("U", "L"):
            text = text.upper() if lasting == "U" else text.lower()
        if once and text:
            text = (text[:1].upper() if once == "u" else text[:1].lower()) + text[1:]
            once = ""
        done += text
    return done


def unambiguous(line: bytes, width: int) -> bytes:
    """Return ``line`` (bytes) as the l command shows it (bytes), folded to ``width`` characters (int; 0: not at all).

    >>> unambiguous(b"a\\tb\\x01", 0)
    b'a\\\\tb\\\\001$\\n'
    """
    done, column = b"", 0
    for byte in line:
        shown = NAMED.get(byte) or (bytes([byte]) if 32 <= byte < 127 else b"\\%03o" % byte)
        if width and column + len(shown) > width - 1:
            done += b"\\\n"
            column = 0
        done += shown
        column += len(shown)
    return done + b"$\n"
