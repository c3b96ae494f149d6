"""What printf and echo make of their arguments: escapes and conversions, as GNU's programs and as dash's built-ins do.

Text is one character for each byte (``course.processes.simulated.shell.characters``).  ``dash`` (bool) chooses between
the two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from course.processes.simulated.programs.quoting import named, quote

LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
}
OCTAL = r"0[0-7]{0,3}|[1-7][0-7]{0,2}"
ECHO = re.compile(rf"\\({OCTAL}|x[0-9a-fA-F]{{1,2}}|[abcefnrtv\\])")
IN_ARGUMENT = re.compile(rf'\\({OCTAL}|x[0-9a-fA-F]{{1,2}}|[abcefnrtv\\"])')
IN_FORMAT = re.compile(r'\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[abcefnrtv\\"])')
DASH = re.compile(rf"\\({OCTAL}|[abcefnrtv\\])")
DASH_FORMAT = re.compile(r"\\([0-7]{1,3}|[abefnrtv\\])")
CONVERSION = re.compile(r"%([-+ 0#']*)(\*|\d+)?(?:\.(\*|-?\d*))?([hjlLtz]*)(.?)", re.DOTALL)
FORBIDDEN = {"'": "aAceEosxX", "#": "cdisu", "0": "cs"}  # conversions that a flag does not go with
FLOATS = "aAeEfFgG"
LARGEST, SMALLEST, UNSIGNED = 2**63 - 1, -(2**63), 2**64
MANTISSA = 64  # bits of a long double's
EXACT = Context(prec=20000)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A message of printf (``text``: str, without the program's name); if ``fatal`` (bool), nothing follows."""

    text: str
    fatal: bool = False


def unescaped(text: str, escapes: re.Pattern[str]) -> tuple[str, bool]:
    r"""Return ``text`` (str) with its escapes replaced, up to a ``\c``; and whether there was one (bool).

    >>> unescaped(r"a\tb\0101\q", ECHO)
    ('a\tbA\\q', False)
    """
    done, at = "", 0
    for found in escapes.finditer(text):
        done += text[at : found.start()]
        at = found.end()
        what = found[1]
        if what == "c":
            return done, True
        if what[0] == "x":
            done += chr(int(what[1:], 16))
        else:
            done += chr(int(what, 8) & 0xFF) if what[0].isdigit() else LETTERS[what]
    return done + text[at:], False


class Formatter:
    """printf at work on its ``arguments`` (sequence of str), one after another."""

    def __init__(self, arguments: Sequence[str], dash: bool) -> None:
        self.arguments, self.dash = list(arguments), dash
        self.used = 0
        self.found: list[str | Complaint] = []

    def _next(self) -> str:
        self.used += 1
        return self.arguments[self.used - 1] if self.used <= len(self.arguments) else ""

    def _complain(self, text: str, fatal: bool = False) -> None:
        self.found.append(Complaint(text, fatal))

    def apply(self, template: str) -> bool:
        """Use the format ``template`` (str) once; return whether printf ends with it (bool)."""
        escapes = DASH_FORMAT if self.dash else IN_FORMAT
        at = 0
        while at < len(template):
            escape, conversion = escapes.match(template, at), CONVERSION.match(template, at)
            if template.startswith("%%", at):
                self.found.append("%")
                at += 2
            elif escape:
                text, ends = unescaped(escape[0], escapes)
                self.found.append(text)
                at = escape.end()
                if ends:
                    return True
            elif not self.dash and template.startswith("\\x", at):
                self._complain("missing hexadecimal number in escape", fatal=True)
                return True
            elif conversion:
                if self._convert(conversion):
                    return True
                at = conversion.end()
            else:
                self.found.append(template[at])
                at += 1
        return False

    def _convert(self, conversion: re.Match[str]) -> bool:
        """Convert the next argument; return whether printf ends here (bool)."""
        letter, flags = conversion[5], conversion[1]
        if self._is_invalid(conversion):
            return True
        width = self._measure(conversion[2], "field width")
        precision = self._measure(conversion[3], "precision")
        if width is not None and width < 0:
            flags, width = flags + "-", -width
        if precision is not None and precision < 0:
            precision = None
        argument = self._next()
        ends = False
        if letter == "b":
            text, ends = unescaped(argument, DASH if self.dash else IN_ARGUMENT)
            text = text[:precision]
        elif letter == "q":
            text = named(argument)
        elif letter == "s":
            text = argument[:precision]
        elif letter == "c":
            text = argument[:1] or "\0"
        elif letter in FLOATS:
            text = self._real(argument, letter, flags, precision)
        else:
            text = self._integer(argument, letter, flags, precision)
        self.found.append(_padded(text, flags, width or 0, letter, precision))
        return ends

    def _is_invalid(self, conversion: re.Match[str]) -> bool:
        letter = conversion[5]
        if self.dash:
            if (
                letter
                and letter in "bcdiouxXsaAeEfFgG"
                and not conversion[4].replace("j", "")
                and "'" not in conversion[1]
            ):
                return False
            if not letter and not conversion[4]:
                self._complain("missing format character", fatal=True)
            else:
                self._complain(f"{_until_unknown(conversion)}: invalid directive", fatal=True)
            return True
        plain = conversion[0] == f"%{letter}"
        allowed = "aAcdeEfFgGiosuxX"
        for flag in conversion[1]:
            allowed = "".join(one for one in allowed if one not in FORBIDDEN.get(flag, ""))
        if conversion[3] is not None:
            allowed = allowed.replace("c", "")
        if letter and (letter in allowed or (letter in "bq" and plain)):
            return False
        self._complain(f"{conversion[0]}: invalid conversion specification", fatal=True)
        return True

    def _measure(self, text: str | None, what: str) -> int | None:
        """Return a width or precision (int), from the next argument if it is ``*``; None if none is given."""
        if text is None:
            return None
        if text != "*":
            return int(text) if text not in ("", "-") else 0
        argument = self._next()
        number = self._number(argument) if argument else 0
        if not self.dash and abs(number) > 2**31 - 1:
            self._complain(f"invalid {what}: {quote(argument)}", fatal=True)
        return number

    def _number(self, argument: str, unsigned: bool = False) -> int:
        """Return the number (int) that an argument (str) is, as strtoimax(3) reads it; complain about the rest."""
        if argument[:1] in ("'", '"') and len(argument) > 1:
            self._ignore(argument[2:])
            return ord(argument[1])
        found = re.match(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)", argument)
        self._check(argument, found.end() if found else 0)
        if not found:
            return 0
        number = int(found[2], 16 if found[2][:2] in ("0x", "0X") else 8 if found[2][0] == "0" else 10)
        number = -number if found[1] == "-" else number
        if unsigned and abs(number) < UNSIGNED:
            return number % UNSIGNED
        low, high = (0, UNSIGNED - 1) if unsigned else (SMALLEST, LARGEST)
        if not low <= number <= high:
            self._complain(f"{argument if self.dash else quote(argument)}: Numerical result out of range")
        return high if unsigned else max(low, min(high, number))

    def _ignore(self, rest: str) -> None:
        if rest and not self.dash:
            self._complain(f"warning: {rest}: character(s) following character constant have been ignored")

    def _check(self, argument: str, end: int) -> None:
        if end == len(argument):
            return
        shown = argument if self.dash else quote(argument)
        if end == 0:
            self._complain(f"{shown}: expected {'' if self.dash else 'a '}numeric value")
        else:
            self._complain(f"{shown}: {'' if self.dash else 'value '}not completely converted")

    def _integer(self, argument: str, letter: str, flags: str, precision: int | None) -> str:
        number = self._number(argument, unsigned=letter in "ouxX")
        if letter in "di":
            digits = str(abs(number))
        else:
            number %= UNSIGNED
            digits = format(number, {"u": "d"}.get(letter, letter))
        if precision is not None:
            digits = digits.rjust(precision, "0") if number or precision else ""
        if "#" in flags and number:
            digits = {"x": "0x", "X": "0X"}.get(letter, "0" if letter == "o" and digits[0] != "0" else "") + digits
        sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
        return (sign if letter in "di" else "") + digits

    def _real(self, argument: str, letter: str, flags: str, precision: int | None) -> str:
        if argument[:1] in ("'", '"') and len(argument) > 1:
            self._ignore(argument[2:])
            word = str(ord(argument[1]))
        else:
            number = r"\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan"
            found = re.match(rf"\s*([+-]?(?:0[xX][0-9a-fA-F]+|{number}))", argument, re.IGNORECASE)
            self._check(argument, found.end() if found else 0)
            word = found[1] if found else "0"
        if "0x" in word.lower():
            word = str(int(word, 16))
        digits = 6 if precision is None else precision
        marks = "".join(flag for flag in "+ #" if flag in flags)
        if letter in "aA":
            text = float(word).hex()
            return text.upper() if letter == "A" else re.sub(r"\.0+p", "p", text)
        if letter in "fF" and not self.dash and re.match(r"[+-]?[\d.]", word):
            text = format(long_double(Decimal(word)), f".{digits}f")
            return ("+" if "+" in flags else " " if " " in flags else "") * (text[0] != "-") + text
        return f"%{marks}.{digits}{letter}" % float(word)


def _until_unknown(conversion: re.Match[str]) -> str:
    """Return a conversion (str) up to the first letter that dash does not know."""
    rest = conversion[4].replace("j", "") + conversion[5]
    odd = conversion[1].find("'")
    return conversion[0][: odd + 2] if odd >= 0 else conversion[0][: len(conversion[0]) - len(rest) + 1]


def _padded(text: str, flags: str, width: int, letter: str, precision: int | None) -> str:
    if "-" in flags:
        return text.ljust(width)
    zeros = "0" in flags and letter not in "bcqs" and (letter in FLOATS or precision is None)
    if not zeros or not re.search(r"\d", text):
        return text.rjust(width)
    head = re.match(r"[-+ ]?(?:0[xX])?", text)
    start = head.end() if head else 0
    return text[:start] + text[start:].rjust(width - start, "0")


def long_double(number: Decimal) -> Decimal:
    """Return the long double (Decimal) that is nearest to ``number`` (Decimal): GNU's programs calculate with these.

    >>> format(long_double(Decimal("1.115")), ".2f"), format(1.115, ".2f")
    ('1.12', '1.11')
    """
    value = Fraction(number)
    if not value:
        return number
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - MANTISSA
    scaled = abs(value) / Fraction(2) ** exponent
    while scaled >= 2**MANTISSA:
        scaled, exponent = scaled / 2, exponent + 1
    mantissa = round(scaled) * (-1 if value < 0 else 1)
    return EXACT.multiply(Decimal(mantissa), EXACT.power(Decimal(2), exponent))


def formatted(template: str, arguments: Sequence[str], dash: bool = False) -> Iterator[str | Complaint]:
    """Yield what printf writes (str) and says (Complaint): the format (str) is used until all arguments are.

    >>> list(formatted("%s is %d\\\\n", ["a", "1", "b"]))
    ['a', ' ', 'i', 's', ' ', '1', '\\n', 'b', ' ', 'i', 's', ' ', '0', '\\n']
    """
    formatter = Formatter(arguments, dash)
    while True:
        before = formatter.used
        ends = formatter.apply(template)
        yield from formatter.found
        formatter.found = []
        if ends or formatter.used >= len(arguments):
            return
        if formatter.used == before:
            if not dash:
                text = f"warning: ignoring excess arguments, starting with {quote(arguments[before])}"
                yield Complaint(text)
            return
