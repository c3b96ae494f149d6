"""A page: what a notebook shows below a cell, as HTML and as plain text, each complete, both always the same."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.words import shown

if TYPE_CHECKING:
    from course.figures import Figure


@dataclass(frozen=True, slots=True)
class Page:
    """What stands below a cell, or a part of it: ``html`` and ``text`` (both str) say the same; parts are added.

    >>> (Page.title("Look up a path") + Page.paragraph("`%hint` helps.")).html
    '<p class="lesson-title"><strong>Look up a path</strong></p><p><code>%hint</code> helps.</p>'
    """

    html: str = ""
    text: str = ""

    @classmethod
    def title(cls, name: str, about: str = "") -> Page:
        """Return a heading (Page): ``name`` (str), and what there is to say ``about`` it (str)."""
        rest = f" · {inline(about)}" if about else ""
        return cls(
            f'<p class="lesson-title"><strong>{inline(name)}</strong>{rest}</p>',
            plain(" · ".join(filter(None, [name, about]))),
        )

    @classmethod
    def paragraph(cls, text: str, kind: str = "") -> Page:
        """Return one paragraph (Page) of ``text`` (str); its class is ``kind`` (str)."""
        css = f' class="lesson-{kind}"' if kind else ""
        return cls(f"<p{css}>{inline(text)}</p>", plain(text)) if text else cls()

    @classmethod
    def problem(cls, error: Exception) -> Page:
        """Return what was wrong (Page), in the error's own sentence."""
        said = str(error)
        names_a_place = said.partition(" ")[0].endswith(":")  # a file's name begins as it does
        return cls.paragraph(said if names_a_place else said[:1].upper() + said[1:], "problem")

    @classmethod
    def prose(cls, text: str) -> Page:
        """Return a few paragraphs (Page): empty lines part them, and what is indented by four signs is code."""
        blocks = re.split(r"\n[ \t]*\n", text.strip("\n"))
        return cls("".join(map(_block, blocks)), plain(text.strip("\n")))

    @classmethod
    def code(cls, text: str) -> Page:
        """Return lines of code, or of what was printed (Page)."""
        return cls(f'<pre class="lesson-code">{escaped(text)}</pre>', plain(text))

    @classmethod
    def items(cls, lines: Iterable[str]) -> Page:
        """Return a list of lines (str) whose marks are written in them (Page)."""
        listed = list(lines)
        return cls(
            f"<ul class='lesson-items'>{''.join(f'<li>{inline(line)}</li>' for line in listed)}</ul>",
            plain("\n".join(listed)),
        )

    @classmethod
    def picture(cls, figure: Figure) -> Page:
        """Return a figure as a part (Page)."""
        return cls(f"<figure>{figure.html}</figure>", figure.text)

    @classmethod
    def pairs(cls, pairs: Iterable[tuple[str, str]]) -> Page:
        """Return words (str) and the code that belongs to each (str), as two columns (Page)."""
        listed = list(pairs)
        width = max(len(word) for word, code in listed)
        return cls(
            "<dl>"
            + "".join(f"<dt>{escaped(word)}</dt><dd><code>{escaped(code)}</code></dd>" for word, code in listed)
            + "</dl>",
            "\n".join(f"{word:{width}}  {plain(code)}" for word, code in listed),
        )

    @classmethod
    def table(cls, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Page:
        """Return a table (Page) with a line of headings (sequence of str) above ``rows``, each with its own heading."""
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in [head, *rows]]
        top = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in head)
        body = ""
        for name, *cells in rows:
            rest = "".join(f"<td>{escaped(cell)}</td>" for cell in cells)
            body += f'<tr><th scope="row">{escaped(name)}</th>{rest}</tr>'
        return cls(f'<table class="lesson-table"><tr>{top}</tr>{body}</table>', plain("\n".join(lines)))

    def folded(self, summary: str, kind: str = "fold", opened: bool = False) -> Page:
        """Return this part (Page) below a line of ``summary`` (str) that unfolds it in HTML; ``opened``: it is open."""
        return Page(
            f'<details class="lesson-{kind}"{" open" if opened else ""}>'
            f"<summary>{inline(summary)}</summary>{self.html}</details>",
            f"{plain(summary)}\n{textwrap.indent(self.text, '    ')}",
        )

    def __add__(self, other: Page) -> Page:
        return Page(self.html + other.html, "\n".join(filter(None, [self.text, other.text])))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {
            "text/html": f'<style>{style()}</style><div class="lesson">{self.html}</div>',
            "text/plain": self.text,
        }


def show(what: Any) -> Any:
    """Display ``what`` (a Page, or what else a notebook can show) below the cell; return the handle that updates it."""
    from IPython.display import display

    return display(what, display_id=True)  # type: ignore[no-untyped-call]


@cache
def style() -> str:
    """Return the style sheet of every page (str of CSS)."""
    return Path(__file__).with_name("page.css").read_text("utf-8")


def plain(text: str) -> str:
    r"""Return text of several lines (str) so that it is safe to print (str): control signs are escaped.

    >>> plain("red:\x1b[31m\n\tblue")
    'red:\\x1b[31m\n        blue'
    """
    return "\n".join(map(shown, text.expandtabs().split("\n")))


def escaped(text: str) -> str:
    """Return text (str) as HTML (str) that shows just that.

    >>> escaped("<script>")
    '&lt;script&gt;'
    """
    return html.escape(plain(text))


def inline(text: str) -> str:
    """Return one paragraph (str) as HTML (str); what stands between backticks is code.

    >>> inline("`/etc` & more")
    '<code>/etc</code> &amp; more'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped(text))


def _block(block: str) -> str:
    if all(line.startswith("    ") for line in block.split("\n")):
        return f'<pre class="lesson-code">{escaped(textwrap.dedent(block))}</pre>'
    return f"<p>{inline(block)}</p>"
