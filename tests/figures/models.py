"""Random models for the figures: stacks with whiteouts, opaque directories and odd names."""

from dataclasses import replace

from hypothesis import assume
from hypothesis import strategies as st

from course.errors import InvalidLayer
from course.layers.digest import sha256
from course.layers.entry import FileEntry, Kind, directory, symlink
from course.layers.image import Image
from course.layers.layer import Layer

ODD = [
    "<script>alert(1)</script>",
    "]]>&amp;\"'",
    "n" * 300,
    "مرحبا بالعالم" * 9,
    "層ごとに積み重ねる",
    "😀👩‍👩‍👧🏳️‍🌈" * 7,
    "tab\tnewline\nescape\x1b[31m",
    "\u202eright to left",
    "caf\udce9",  # a byte that is not UTF-8
    "z" + "\u0301" * 90,
    "\ufdfd\U0001242b\u2e3b",  # the widest letters there are
    " ",
    "-",
    "`$(reboot)`",
]
plain = st.sampled_from(["a", "b", "etc", "motd", "app", "data"])
bytes_as_text = st.binary(min_size=1, max_size=12).map(lambda name: name.decode("utf-8", "surrogateescape"))
names = (plain | plain | plain | st.sampled_from(ODD) | bytes_as_text).filter(
    lambda name: name not in (".", "..") and not set(name) & {"/", "\0"} and not name.startswith(".wh.")
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
contents = (
    st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.just(b"x" * 5000)
    | st.just(None)
    | st.just(FileEntry(Kind.FILE, size=5 * 10**9))
    | st.just(FileEntry(Kind.CHARACTER_DEVICE, device=(1, 3)))
    | names.map(symlink)
    | st.just(directory(0o700))
)


@st.composite
def stacks(draw, most=10):
    """Stacks of layers that stand on each other, the lowest first."""
    layers = []
    for _number in range(draw(st.integers(0, most))):
        files = draw(st.dictionaries(paths, contents, max_size=4))
        whiteouts, opaque = (draw(st.frozensets(paths, max_size=2)) for _kind in range(2))
        try:
            layer = Layer.of(files, whiteouts, opaque, layers[-1] if layers else None)
        except InvalidLayer:
            assume(False)
        known = sha256(repr((sorted(files), sorted(whiteouts), sorted(opaque))).encode())  # a 5 GB file is not hashed
        layers.append(replace(layer, known_diff_id=known))
    return layers


@st.composite
def images(draw, most=10):
    """Images with history, whose instructions and names are odd."""
    layers = draw(stacks(most))
    steps = [f"RUN {draw(names)}" for _layer in layers]
    metadata = draw(st.lists(names.map(lambda name: f"ENV {name}"), max_size=6))
    shown_under = draw(st.lists(names, max_size=3))
    return Image.of(layers, [*steps, *metadata], shown_under, empty=set(metadata) - set(steps))
