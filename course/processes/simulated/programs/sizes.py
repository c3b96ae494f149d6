"""Sizes: numbers of bytes as people read them (1K, 2.5M)."""

UNITS = "KMGTPE"


def human(number: int, base: int = 1024) -> str:
    """Return a number of bytes (int) in at most four characters, rounded up (str), as ``ls -h``, ``du -h``, ``df -h``.

    >>> human(1023), human(1025), human(10240), human(123456)
    ('1023', '1.1K', '10K', '121K')
    """
    power = 0
    unit = 1
    while number >= unit * base and power < len(UNITS):
        unit *= base
        power += 1
    if not power:
        return str(number)
    tenths = -(-number * 10 // unit)
    if tenths < 100:
        return f"{tenths // 10}.{tenths % 10}{UNITS[power - 1]}"
    whole = -(-number // unit)
    if whole == base and power < len(UNITS):
        return f"1.0{UNITS[power]}"
    return f"{whole}{UNITS[power - 1]}"


def blocks(number: int, unit: int) -> int:
    """Return how many units of ``unit`` bytes (int) hold ``number`` bytes (int), rounded up (int).

    >>> blocks(4097, 1024)
    5
    """
    return -(-number // unit)
