"""Names in messages, quoted as GNU programs do in the C locale (gnulib's quotearg)."""

SPECIAL = set(" !\"$&'()*;<=>[^`|?\\\t\n")
"""What the shell would not take as it stands (set of str)."""

NOT_IN_DOUBLE_QUOTES = set('!"$&()*;<=>[^`{|}?\\')
ESCAPES = {"\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}


def quoted(name: str) -> str:
    """Return ``name`` (str) as a word for the shell, in quotes always (str): most messages about a file.

    >>> print(quoted("file"), quoted("it's"), quoted("a\\nb"))
    'file' "it's" 'a'$'\\n''b'
    """
    if "'" not in name:
        return _in_single_quotes(name)
    if _fits_double_quotes(name):
        return f'"{name}"'
    # a second pass starts where the first one ended: perhaps inside $'…'
    return _in_single_quotes(name, escaping=_unprintable(name[-1]))


def named(name: str) -> str:
    """Return ``name`` (str) as a word for the shell, in quotes only if it needs them (str): ``cat: file: …``.

    >>> print(named("file"), named("a b"), named("a:b"))
    file 'a b' 'a:b'
    """
    plain = name not in ("", "{", "}") and name[0] not in "#~"
    if plain and not any(letter in SPECIAL or letter == ":" or _unprintable(letter) for letter in name):
        return name
    return quoted(name)


def quote(word: str) -> str:
    """Return ``word`` (str) between quotation marks, with escapes as in C (str): arguments, operands, modes.

    >>> print(quote("it's"), quote("a\\n"))
    'it\\'s' 'a\\n'
    """
    return f"'{escaped(word, quotes=True)}'"


def escaped(word: str, quotes: bool = False) -> str:
    """Return ``word`` (str) with escapes as in C (str), ``quotes`` (bool) escaped too.

    >>> print(escaped("a\\tb\\\\"))
    a\\tb\\\\
    """
    marks = {"\\": "\\\\", "'": "\\'"} if quotes else {"\\": "\\\\"}
    return "".join(marks.get(letter) or (_escape(letter) if _unprintable(letter) else letter) for letter in word)


def _unprintable(letter: str) -> bool:
    return not " " <= letter <= "~"


def _escape(letter: str) -> str:
    return ESCAPES.get(letter) or "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape"))


def _fits_double_quotes(name: str) -> bool:
    later = name[1:]
    return not ("#" in later or "~" in later or any(c in NOT_IN_DOUBLE_QUOTES or _unprintable(c) for c in name))


def _in_single_quotes(name: str, escaping: bool = False) -> str:
    text = "'"
    for letter in name:
        if _unprintable(letter):
            text += ("" if escaping else "'$'") + _escape(letter)
            escaping = True
        elif letter == "'":
            text += "'\\''"
            escaping = False
        else:
            text += ("''" if escaping else "") + letter
            escaping = False
    return text + "'"
