"""Graphs: what has no fixed shape is written as DOT, laid out by the Graphviz that is there, and drawn as ever."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from course.figures.figure import Figure, sample
from course.figures.lettering import shorten, width
from course.figures.shapes import Point, arrow, write
from course.figures.style import FONTS
from course.figures.svg import Element, element, number

BROWSER = "graphviz_anywidget"  # WebAssembly Graphviz, where someone has installed it
TIMEOUT = 10  # seconds that `dot` may take
INCH = 72.0  # pixels; Graphviz lays out in inches
MARGIN, ARROW, HIGH = 24.0, 10.0, 34.0  # pixels: around the graph, an arrow's head, a node
ROOM, LABEL = 260.0, 160.0  # pixels: how wide a node is at most, and the label of an edge

Nodes = Mapping[str, tuple[str, str]]
Edges = Mapping[tuple[str, str], str]


@dataclass(frozen=True, repr=False)
class Graph(Figure):
    """A figure that is a graph.

    ``dot`` is the graph in DOT (str).  ``renderer`` says what laid it out (str): ``dot``, ``pygraphviz``; ``browser``:
    the notebook's page does it, by WebAssembly; ``text``: nothing did, the drawing is the text form.
    """

    dot: str
    renderer: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_()
        if self.renderer == "browser":
            with suppress(Exception):  # a widget that cannot be made leaves the text form
                from importlib import import_module

                widget = import_module(BROWSER).graphviz_widget_simple(self.dot, enable_zoom=False)
                view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
                bundle["application/vnd.jupyter.widget-view+json"] = view
        return bundle


def graph(title: str, description: str, nodes: Nodes, edges: Edges) -> Graph:
    """Return a graph as a Figure, laid out by the first that works: ``dot``, pygraphviz, the browser; else as text.

    ``nodes`` maps a name (str) to its label and its look (both str; a look is ``sheet``, ``view`` or ``tag``);
    ``edges`` maps pairs of names to a label (str, it may be empty).

    >>> nodes = {"tag": ("demo:1", "tag"), "config": ("image config", "view")}
    >>> print(graph("A name", "A name points to a config.", nodes, {("tag", "config"): "names"}).text)
    demo:1 → image config (names)
    """
    dot = _written(nodes, edges)
    text = _text(nodes, edges)
    for renderer, lay_out in {"dot": _by_dot, "pygraphviz": _by_pygraphviz}.items():
        with suppress(Exception):  # missing, broken, hanging, of another version: the next one is tried
            drawing, wide, high = _drawing(lay_out(dot), nodes, edges)
            figure = Figure.of(title, description, text, drawing, wide, high)
            return Graph(title, description, figure.svg, text, dot, renderer)
    lines = text.split("\n")
    wide = max(width(line, FONTS["mono"]) for line in lines) + 2 * MARGIN
    drawing = [write(MARGIN, MARGIN + 20 * at + 12, line, wide, "mono ink") for at, line in enumerate(lines)]
    figure = Figure.of(title, description, text, drawing, wide, 20 * len(lines) + 2 * MARGIN)
    return Graph(title, description, figure.svg, text, dot, "browser" if _has_browser() else "text")


def _written(nodes: Nodes, edges: Edges) -> str:
    """Return the graph in DOT (str); nodes are as large as our letters need them."""
    import graphviz

    dot = graphviz.Digraph(graph_attr={"rankdir": "LR", "nodesep": "0.2", "ranksep": "0.9"})
    dot.attr("node", shape="box", style="rounded", margin="0", fontname="monospace", fontsize="11")
    dot.attr("edge", fontname="sans-serif", fontsize="11")
    names = {name: f"n{at}" for at, name in enumerate(nodes)}
    for name, (label, _look) in nodes.items():
        short = shorten(label, ROOM - 24, FONTS["mono"], keep="both")
        wide = width(short, FONTS["mono"]) + 24
        dot.node(names[name], graphviz.escape(short), width=number(wide / INCH), height=number(HIGH / INCH))
    for (tail, head), label in edges.items():
        dot.edge(names[tail], names[head], graphviz.escape(shorten(label, LABEL, FONTS["small"])))
    return str(dot.source)


def _by_dot(dot: str) -> str:
    import subprocess  # not at the top: a browser has none

    command = ["dot", "-Tplain"]  # the one on PATH
    done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=TIMEOUT, check=True)
    return done.stdout.decode()


def _by_pygraphviz(dot: str) -> str:
    from pygraphviz import AGraph

    laid_out = AGraph(string=dot).draw(format="plain", prog="dot")
    return str(laid_out.decode())


def _has_browser() -> bool:
    """Tell (bool) whether a notebook shows what is drawn, and has what draws graphs in its page."""
    from importlib.util import find_spec

    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel") and find_spec(BROWSER) is not None


def _text(nodes: Nodes, edges: Edges) -> str:
    lines = [
        f"{nodes[tail][0]} → {nodes[head][0]}{f' ({label})' if label else ''}" for (tail, head), label in edges.items()
    ]
    joined = {name for pair in edges for name in pair}
    return "\n".join([*lines, *(label for name, (label, _look) in nodes.items() if name not in joined)])


def _drawing(plain: str, nodes: Nodes, edges: Edges) -> tuple[list[Element], float, float]:
    """Return the drawing of a graph that is laid out (in Graphviz's format "plain"), its width and its height."""
    keys, made = list(nodes), list[Element]()
    lines = [line.split() for line in plain.splitlines()]
    [(wide, high)] = [(float(line[2]) * INCH, float(line[3]) * INCH) for line in lines if line[0] == "graph"]

    def place(x: str, y: str) -> Point:
        return MARGIN + float(x) * INCH, MARGIN + high - float(y) * INCH

    for line in lines:
        if line[0] == "node":
            label, look = nodes[keys[int(line[1][1:])]]
            made += _node(place(*line[2:4]), float(line[4]) * INCH, label, look)
        elif line[0] == "edge":
            label = edges[keys[int(line[1][1:])], keys[int(line[2][1:])]]
            end = 4 + 2 * int(line[3])
            made.append(_edge([place(*line[at : at + 2]) for at in range(4, end, 2)]))
            if label:  # it may hold spaces; its place stands before a style and a colour
                x, y = place(*line[-4:-2])
                made.append(write(x, y + 4, label, LABEL, "small quiet", anchor="middle"))
    if len([line for line in lines if line[0] in ("node", "edge")]) != len(nodes) + len(edges):
        raise ValueError("a part of the graph is missing")
    return made, wide + 2 * MARGIN, high + 2 * MARGIN


def _node(middle: Point, wide: float, label: str, look: str) -> list[Element]:
    x, y = middle
    box = element("rect", look, x=x - wide / 2, y=y - HIGH / 2, width=wide, height=HIGH, rx=8)
    return [box, write(x, y + 4, label, wide - 16, "mono ink", anchor="middle", keep="both")]


def _edge(points: Sequence[Point]) -> Element:
    """Return an edge (Element): Graphviz's curve, which ends where the arrow's head begins, and the head."""
    (x0, y0), (x1, y1) = points[-2:]
    length = max(1.0, math.hypot(x1 - x0, y1 - y0))
    tip = (x1 + (x1 - x0) / length * ARROW, y1 + (y1 - y0) / length * ARROW)
    curve = " ".join(f"{number(x)} {number(y)}" for x, y in points[1:])
    start = f"M{number(points[0][0])} {number(points[0][1])}"
    return element("g", "", element("path", "pointer", d=f"{start} C{curve}"), arrow(points[-1], tip))


if __name__ == "__main__":
    from course.layers.digest import short
    from course.layers.small_image import small_images

    shown_nodes: dict[str, tuple[str, str]] = {}
    shown_edges: dict[tuple[str, str], str] = {}
    for name, image in small_images().items():
        shown_nodes[name] = (name, "tag")
        shown_nodes[image.image_id] = (f"image config {short(image.image_id)}", "view")
        shown_edges[name, image.image_id] = ""
        for layer in image.layers:
            shown_nodes[layer.diff_id] = (f"layer {short(layer.diff_id)}", "sheet")
            shown_edges[image.image_id, layer.diff_id] = ""
    drawn = graph("What names what", "Names point to image configs, these to layers.", shown_nodes, shown_edges)
    sample(drawn)
    print(f"({drawn.renderer})")
