"""The visual language: what a layer, a whiteout, a hidden file and a winner look like, in light and in dark.

Nothing is told by colour alone: a winner has a check mark, a whiteout a cross, an opaque directory a hatching, a hidden
file a dashed outline.  In JupyterLab the colours follow its theme (the page says ``data-jp-theme-light``); elsewhere,
in a README for one, what the reader prefers.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Font:
    """How a text is written: ``size`` in pixels (float), ``mono`` for paths and digests (bool), ``bold`` (bool)."""

    size: float
    mono: bool = False
    bold: bool = False


FONTS = {
    "title": Font(16, bold=True),
    "strong": Font(13, bold=True),
    "label": Font(13),
    "small": Font(11),
    "path": Font(12.5, mono=True),
    "mono": Font(11, mono=True),  # digests, and what a file holds
}

SURFACES = {  # what text stands on
    "canvas": ("#ffffff", "#11151b"),
    "sheet": ("#dfeafc", "#1c3354"),  # a read-only layer
    "writable": ("#fdeccf", "#46330f"),  # a read-write layer
    "view": ("#f3f6fa", "#1c232d"),  # the one file system that a user sees; an image config
    "whiteout": ("#fde7e4", "#43191a"),
    "opaque": ("#efe7fc", "#31234f"),
    "merged": ("#dcf3e8", "#123a2c"),
    "asked": ("#fff1b8", "#463c0c"),  # the path that is asked for
}
INKS = {  # text; each can be read on every surface
    "ink": ("#152033", "#edf2f9"),
    "quiet": ("#465468", "#b3bfce"),
    "shown": ("#07573c", "#63dbae"),
    "gone": ("#a01c12", "#ff9d94"),
    "hatch": ("#5f30a6", "#c9a8ff"),
}
SOLIDS = {  # a surface with a text of its own: (surface, text)
    "winner": (("#0a6b4b", "#ffffff"), ("#57d3a4", "#05281b")),
    "number": (("#2b5fa8", "#ffffff"), ("#8ab8f5", "#0a1c36")),
}
LINES = {  # outlines and pointers; each can be told from every surface
    "edge": ("#3f74ba", "#6fa5ec"),
    "written": ("#9b5a00", "#f0ab48"),
    "ghost": ("#667385", "#8c9bb0"),
    "pointer": ("#34435a", "#c3cfdf"),
}
SHEET_OPACITY = 0.8

SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
MONO = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'


def palette(dark: bool) -> Mapping[str, str]:
    """Return every colour of one theme by its name (mapping of str to ``#rrggbb``)."""
    side = int(dark)
    colours = {name: pair[side] for name, pair in {**SURFACES, **INKS, **LINES}.items()}
    for name, pair in SOLIDS.items():
        colours[name], colours[f"on-{name}"] = pair[side]
    return colours


def css() -> str:
    """Return the style sheet of a figure (str of CSS), the same for every figure.

    >>> "prefers-color-scheme" in css()
    True
    """
    light, dark = _variables(palette(dark=False)), _variables(palette(dark=True))
    rules = [
        f".lbl-figure{{{light}direction:ltr;font-family:{SANS};border-radius:10px}}",
        f"@media(prefers-color-scheme:dark){{.lbl-figure{{{dark}}}}}",
        f'[data-jp-theme-light="true"] .lbl-figure{{{light}}}',
        f'[data-jp-theme-light="false"] .lbl-figure{{{dark}}}',
        f"@media print{{svg.lbl-figure.lbl-figure{{{light}}}}}",
        ".lbl-figure text{white-space:pre}",
        *(_font_rule(name, font) for name, font in FONTS.items()),
        *(f".lbl-figure .lbl-{name}{{fill:var(--lbl-{name})}}" for name in [*SURFACES, *INKS]),
        *(f".lbl-figure .lbl-on-{name}{{fill:var(--lbl-on-{name})}}" for name in SOLIDS),
        *(f".lbl-figure .lbl-{name}{{fill:var(--lbl-{name})}}" for name in SOLIDS),
        _SHAPES,
    ]
    return "".join(rules)


_SHAPES = "".join(
    f".lbl-figure .lbl-{shape}{{{rule}}}"
    for shape, rule in {
        "sheet": f"stroke:var(--lbl-edge);stroke-width:1.25;fill-opacity:{SHEET_OPACITY}",
        "writable": "stroke:var(--lbl-written);stroke-width:2.5",
        "tag": "fill:var(--lbl-view);stroke:var(--lbl-pointer);stroke-width:1.25",
        "view": "stroke:var(--lbl-ghost);stroke-width:1",
        "merged": "stroke:var(--lbl-shown);stroke-width:1",
        "whiteout": "stroke:var(--lbl-gone);stroke-width:1.25",
        "opaque": "stroke:var(--lbl-hatch);stroke-width:1.25",
        "hidden": "fill:none;stroke:var(--lbl-ghost);stroke-width:1;stroke-dasharray:3 2.5",
        "rule": "stroke:var(--lbl-ghost);stroke-opacity:.28;stroke-width:1",
        "pointer": "fill:none;stroke:var(--lbl-pointer);stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round",
        "sight": "fill:none;stroke:var(--lbl-shown);stroke-width:2",
        "blocked": "fill:none;stroke:var(--lbl-gone);stroke-width:2;stroke-dasharray:5 4",
        "sign": "fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round",
        "winner-sign": "stroke:var(--lbl-on-winner)",
        "shown-sign": "stroke:var(--lbl-shown)",
        "gone-sign": "stroke:var(--lbl-gone)",
        "hatch-sign": "stroke:var(--lbl-hatch);stroke-width:1.5",
        "quiet-sign": "stroke:var(--lbl-quiet)",
        "eye": "fill:none;stroke:var(--lbl-pointer);stroke-width:1.6",
        "pupil": "fill:var(--lbl-pointer)",
        "ahead": "fill:var(--lbl-canvas);stroke:var(--lbl-ghost);stroke-width:1;stroke-dasharray:3 2.5",
        "way": "fill:none;stroke:var(--lbl-ghost);stroke-opacity:.6;stroke-width:2.5;stroke-linejoin:round",
    }.items()
)


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"--lbl-{name}:{colour};" for name, colour in colours.items())


def _font_rule(name: str, font: Font) -> str:
    family = f"font-family:{MONO};" if font.mono else ""
    weight = "font-weight:600;" if font.bold else ""
    return f".lbl-figure .lbl-{name}{{{family}{weight}font-size:{font.size}px}}"
