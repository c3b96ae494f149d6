"""Here-documents: the lines after RUN, COPY or ADD that are handed to it, up to a word of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from course.engine.build.spaces import split_words

REDIRECTION = re.compile(r"\d*<<(-?)\s*([^<]+)", re.DOTALL)
ALONE = re.compile(r"\d*<<")
LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
QUOTING = re.compile(r"\\(.)|['\"]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HereDocument:
    """What follows an instruction, up to a line that is ``name`` (str).

    ``content`` is the text (str) as it stands.  ``expands`` tells whether variables in it are replaced (bool): not if
    the name was quoted.  ``strips_tabs`` tells whether tabs at the head of its lines are dropped (bool): after ``<<-``.
    """

    name: str
    expands: bool = True
    strips_tabs: bool = False
    content: str = ""

    def strip(self, text: str) -> str:
        """Return ``text`` (str) without the tabs that are to be dropped."""
        return LEADING_TABS.sub("", text) if self.strips_tabs else text

    @property
    def data(self) -> str:
        """The content as a file or command gets it (str)."""
        return self.strip(self.content)

    def holding(self, content: str) -> "HereDocument":
        """Return the same here-document with this content (str)."""
        return replace(self, content=content)


def here_document(word: str) -> HereDocument | None:
    """Return the here-document that a word asks for (HereDocument, still empty), or None.

    >>> here_document("<<-'EOF'")
    HereDocument(name='EOF', expands=False, strips_tabs=True, content='')
    """
    match = REDIRECTION.fullmatch(word)
    if not match or len(split_words(match[2], "\\")) != 1:
        return None
    name = QUOTING.sub(lambda quoting: quoting[1] or "", match[2])
    is_quoted = "'" in match[2] or '"' in match[2]
    return HereDocument(name, expands=not is_quoted, strips_tabs=bool(match[1])) if name else None


def here_documents(text: str) -> Iterator[HereDocument]:
    """Yield each here-document (HereDocument) that the instruction ``text`` (str) asks for, in order."""
    words = iter(split_words(text, "\\"))
    for word in words:
        document = here_document(word + next(words, "") if ALONE.fullmatch(word) else word)
        if document:
            yield document
