"""An instruction of a Dockerfile, as a value."""

from dataclasses import dataclass, field

from course.engine.build.here_documents import HereDocument


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile.

    ``keyword`` is what it does (str, upper case).  ``flags`` are its ``--name=value`` (tuple of pairs of str; a flag
    without a value is "true").  ``arguments`` are what stands behind them (tuple of str):

    - ADD, COPY: the sources, then the destination; a here-document among the sources stands as ``<<NAME``;
    - ARG, ENV, LABEL: ``NAME=value`` each, for ARG perhaps ``NAME`` alone;
    - CMD, ENTRYPOINT, RUN, SHELL: the words of the exec form, or the one text of the shell form;
    - HEALTHCHECK: ``NONE``, or ``CMD`` and then as CMD;
    - FROM: the image, and perhaps ``AS`` and a name; ONBUILD: the text of the trigger;
    - EXPOSE, VOLUME: each; MAINTAINER, STOPSIGNAL, USER, WORKDIR: the one text.

    ``is_exec`` tells whether they stood as a JSON array (bool).  ``text`` is the instruction as docker prints it in
    ``Step 1/2 : …`` (str), ``start`` and ``end`` are its lines (int, from 1).
    """

    keyword: str
    arguments: tuple[str, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    is_exec: bool = False
    here_documents: tuple[HereDocument, ...] = ()
    text: str = field(default="", compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def flag(self, name: str) -> str:
        """Return the value of the flag ``name`` (str): its last one, or an empty text if it is not given.

        >>> Instruction("COPY", ("a", "b"), (("from", "builder"),)).flag("from")
        'builder'
        """
        return dict(self.flags).get(name, "")

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The names and values of ENV or LABEL (tuple of pairs of str).

        >>> Instruction("ENV", ("LANG=C", "A=b=c")).pairs
        (('LANG', 'C'), ('A', 'b=c'))
        """
        return tuple((name, value) for name, _, value in (argument.partition("=") for argument in self.arguments))
