"""White space, as docker's parser (written in Go) knows it, and words apart from it."""

import re

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
BETWEEN_WORDS = re.compile(r"[\t\v\f\r ]+")


def first_word(text: str) -> tuple[str, str]:
    """Return the first word of ``text`` (str), and what follows it (pair of str).

    >>> first_word("  RUN  make  all ")
    ('RUN', 'make  all')
    """
    first, *rest = BETWEEN_WORDS.split(text.strip(SPACES), maxsplit=1)
    return first, rest[0] if rest else ""


def split_words(text: str, escape: str) -> list[str]:
    r"""Return the words of ``text`` (list of str), quotes and escapes kept as they are written.

    >>> split_words(r'a="b c" d\ e', "\\")
    ['a="b c"', 'd\\ e']
    """
    words: list[str] = []
    word, quote, at = "", "", 0
    while at < len(text):
        sign = text[at]
        if sign in SPACES and not quote:
            if word:
                words.append(word)
            word = ""
        elif sign == escape and quote != "'":
            word += text[at : at + 2] if at + 1 < len(text) else ""
            at += 1
        else:
            word += sign
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "'\"":
                quote = sign
        at += 1
    return [*words, word] if word else words


def words_after(text: str) -> str:
    """Return what follows the flags of an instruction (str), found without a look at what they say."""
    while text.startswith("--"):
        text = first_word(text)[1]
    return text
