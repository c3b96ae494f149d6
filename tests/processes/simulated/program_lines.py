"""What the tests of programs share: files to try them on, and texts that list commands.

A paragraph of a text is run from its first line to its last in one folder.  Behind ``<<<`` stands what the command gets
on its standard input, with escapes as in Python.
"""

from hashlib import sha256

from side_by_side import FIFO, assert_same

from course.layers.entry import symlink

LONG = "".join(f"line {number}\n" for number in range(1, 2001))
TEXT = "one two\nthree\n\n\nfour\tfive  six\nseven"
SUMS = "".join(f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in (("f", TEXT), ("e", "")))
NO_SUM = sha256(b"").hexdigest() + "  gone\n"

FILES = {
    "/A/o": "o\n",
    "/A/s/y": "s\n",
    "/A/same": "same\n",
    "/A/ty": "",
    "/A/x": "1\n",
    "/B/s/y": "t\n",
    "/B/same": "same\n",
    "/B/ty/z": "z\n",
    "/B/x": "2\n",
    "/bad": SUMS.replace("a", "b") + "junk\n",
    "/bin": bytes(range(256)),
    "/crlf": "a\r\nb\r\n\r\n",
    "/csv": "a,b,c\n1,2,3\nx\n,,\n3,2,1\n",
    "/d/s/y": "in s\none\n",
    "/d/x": "in d\n",
    "/dangling": symlink("nowhere"),
    "/dup": "a\na\nb\nB\nb\n\n\nc\nC\n",
    "/e": "",
    "/f": TEXT,
    "/fa": "".join(f"{number}\n" for number in range(1, 15)),
    "/fb": "1\n3\n4\nx\n5\n6\n7\n8\n9\n10\n11\n12\n13\n15\n14\n",
    "/fifo": FIFO,
    "/g": "a+b\naab\nx\ty|z\n",
    "/h": "1K\n2M\n512\n1.5K\n-1K\n0\n3k\n",
    "/k": "a/b[x]\nq\\n]r\n",
    "/ln": symlink("f"),
    "/long": LONG,
    "/miss": SUMS + NO_SUM,
    "/mix": SUMS + "x\n",
    "/n": "10\n9\n-3\n2.5\n1e3\n\n 7\n0x1f\n10\nabc\n",
    "/n1": "x",
    "/n2": "x\n",
    "/nonl": "x",
    "/nul": "one\0two\nthree\0",
    "/one": "z\n",
    "/onlymiss": NO_SUM,
    "/p": "a\nb\nc\n",
    "/q": "a\nB\nc\n",
    "/r": "a\nb\nc",
    "/rep": "abcdefgh12345678" * 3 + "X\n\0\1",
    "/s": "a\n",
    "/sc": "p\n\nk\n",
    "/sc2": "p",
    "/sc3": "#n\n/a/{\np\n}\n# comment\n$!d\n",
    "/sc4": "1a\\\n  two\\\nlines\n2i\\\n\\  three\n3c\\\nfour\n",
    "/sc5": "s/a/x\\\ny/\ny/b/c/;$!{\n# nothing\nn;d}\n",
    "/sc6": "/a/,/q/w out1\ns/x/&&/w out2\n",
    "/sums": SUMS,
    "/tag": f"SHA256 (f) = {sha256(TEXT.encode()).hexdigest()}\n",
    "/two words": "x y\n",
    "/v": "a-1.10\na-1.9\nb\n.x\na1\na01\n",
    "/we\\ird": "",
    "/words": "the quick brown fox\njumps over the lazy dog\nThe end, my friend.\nfoo123 bar_baz qux-1\n",
}


def paragraphs(text):
    """Return the paragraphs of a text (list of list of str: lines), without the blanks before and behind each line."""
    return [[line.strip() for line in part.splitlines() if line.strip()] for part in text.split("\n\n") if part.strip()]


def title(paragraph):
    """Return what names a test that runs this paragraph (str): its first word, and how many lines there are."""
    return f"{paragraph[0].split()[0]} {len(paragraph)}"


def assert_all_same(paragraph, files=FILES, unordered=False):
    """Run all lines of a paragraph on both sides, and assert that they did the same (see ``assert_same``)."""
    commands = {}
    for line in paragraph:
        command, _, given = line.partition(" <<< ")
        commands.setdefault(given, []).append(command)
    for given, some in commands.items():
        data = given.encode().decode("unicode_escape").encode("latin-1")
        assert_same(" ;; ".join(some), files, unordered, data)
