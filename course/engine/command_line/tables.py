"""Rows as ``--format`` asks for them: tables, lines of a template, JSON.  Rule: docker/cli, formatter/formatter.go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.engine.command_line.go_values import Struct
from course.engine.command_line.template_functions import FUNCTIONS, GoFunction
from course.engine.command_line.template_tokens import TemplateError
from course.engine.command_line.templates import Template
from course.errors import DockerError

LEAST, PADDING = 10, 3  # columns: docker's tabwriter is told these
PROCESS_COLUMN = 20  # the least width of a column of ``docker top``


def _as_it_is(value: Any, *_others: Any) -> Any:
    return value


# a column is headed by the name of what is in it, whatever the template makes of that
HEAD_FUNCTIONS = FUNCTIONS | {
    name: GoFunction(_as_it_is, ("any", "any"), many=True)
    for name in ("json", "split", "join", "title", "lower", "upper", "truncate")
}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a command lists: Go's type of a row, the ``heads`` by fields (mapping of str), the ``default`` template.

    ``quiet`` is the template of ``-q``; ``misread`` and ``failed`` are what docker says before Go's words where a
    template cannot be read, or not be executed (str); ``from_table`` is whether the places that they name are counted
    from the word ``table`` on (bool), because docker has tried the whole text first.
    """

    row: str
    heads: Mapping[str, str]
    default: str
    quiet: str = ""
    misread: str = "template parsing error"
    failed: str = "template parsing error"
    from_table: bool = False

    def text(self, rows: Sequence[Mapping[str, Any]], form: str = "") -> str:
        """Return the rows (sequence of mappings: field -> text) in the ``form`` that was asked for (str).

        It is a template, ``table`` and a template, ``table`` alone or empty for the default, or ``json``.  Raises
        DockerError.

        >>> listing = Listing("row", {"Name": "VOLUME NAME", "Driver": "DRIVER"}, "table {{.Driver}}\\t{{.Name}}")
        >>> print(listing.text([{"Name": "data", "Driver": "local"}]))
        DRIVER    VOLUME NAME
        local     data
        """
        form = self.default if form in ("", "table") else "{{json .}}" if form == "json" else form
        table = form.startswith("table")
        source = form.removeprefix("table").strip(" ").replace(r"\t", "\t").replace(r"\n", "\n")
        described = [Struct(row, self.row) for row in rows]
        if self.from_table:
            self.rendered(form, described)
        lines = self.rendered(source, described)
        if not table:
            return "\n".join(lines)
        heads = dict(self.heads) | {"Label": _label_head}
        return aligned("\n".join([Template(source, functions=HEAD_FUNCTIONS).render(heads), *lines]))

    def rendered(self, source: str, rows: Sequence[Struct]) -> list[str]:
        """Return what the template ``source`` (str) makes of each row (list of str).  Raises DockerError."""
        try:
            template = Template(source)
        except TemplateError as error:
            raise DockerError(f"{self.misread}: {error}") from None
        try:
            return [template.render(row) for row in rows]
        except TemplateError as error:
            raise DockerError(f"{self.failed}: {error}") from None


def _label_head(name: str) -> str:
    return name.rpartition(".")[2].replace("-", " ").replace("_", " ")


def aligned(text: str, least: int = LEAST) -> str:
    """Return ``text`` (str) with its cells, which end with tabs, in columns at least so wide (int).

    A column reaches as far as lines that have it follow one another.  Rule: Go, package text/tabwriter.

    >>> print(aligned("NAMES\\tSTATUS\\nweb\\tUp 3 seconds"))
    NAMES     STATUS
    web       Up 3 seconds
    """
    lines = [line.split("\t") for line in text.split("\n")]
    for column in range(max(map(len, lines)) - 1):
        start = 0
        while start < len(lines):
            end = start
            while end < len(lines) and len(lines[end]) > column + 1:
                end += 1
            width = max([least, *(len(cells[column]) + PADDING for cells in lines[start:end])])
            for cells in lines[start:end]:
                cells[column] = cells[column].ljust(width)
            start = end + 1
    return "\n".join("".join(cells) for cells in lines)


def _columns(fields: str) -> str:
    return "table " + "\t".join(f"{{{{.{name}}}}}" for name in fields.split())


def _listing(row: str, heads: str, fields: str, quiet: str = "", **more: Any) -> Listing:
    named = dict(pair.split("=") for pair in heads.split(", "))
    return Listing(row, named, _columns(fields), quiet, **more)


PS = _listing(
    "*formatter.ContainerContext",
    "ID=CONTAINER ID, Names=NAMES, Image=IMAGE, Command=COMMAND, CreatedAt=CREATED AT, RunningFor=CREATED, Ports=PORTS,"
    " State=STATE, Status=STATUS, Size=SIZE, Labels=LABELS, Mounts=MOUNTS, LocalVolumes=LOCAL VOLUMES,"
    " Networks=NETWORKS",
    "ID Image Command RunningFor Status Ports Names",
    "{{.ID}}",
    misread="failed to parse template",
    failed="failed to execute template",
    from_table=True,
)
PS_WITH_SIZE = _columns("ID Image Command RunningFor Status Ports Names Size")
IMAGES = _listing(
    "*formatter.imageContext",
    "ID=IMAGE ID, Repository=REPOSITORY, Tag=TAG, Digest=DIGEST, CreatedSince=CREATED, CreatedAt=CREATED AT, Size=SIZE,"
    " Containers=CONTAINERS, VirtualSize=SIZE, SharedSize=SHARED SIZE, UniqueSize=UNIQUE SIZE",
    "Repository Tag ID CreatedSince Size",
    "{{.ID}}",
)
IMAGES_WITH_DIGESTS = _columns("Repository Tag Digest ID CreatedSince Size")
HISTORY = _listing(
    "*image.historyContext",
    "ID=IMAGE, CreatedSince=CREATED, CreatedAt=CREATED AT, CreatedBy=CREATED BY, Size=SIZE, Comment=COMMENT",
    "ID CreatedSince CreatedBy Size Comment",
    "{{.ID}}",
)
VOLUMES = _listing(
    "*formatter.volumeContext",
    "Driver=DRIVER, Name=VOLUME NAME, Scope=SCOPE, Mountpoint=MOUNTPOINT, Labels=LABELS, Links=LINKS, Size=SIZE",
    "Driver Name",
    "{{.Name}}",
)
NETWORKS = _listing(
    "*network.networkContext",
    "ID=NETWORK ID, Name=NAME, Driver=DRIVER, Scope=SCOPE, IPv6=IPV6, Internal=INTERNAL, Labels=LABELS,"
    " CreatedAt=CREATED AT",
    "ID Name Driver Scope",
    "{{.ID}}",
)
DISK_USAGE = _listing(
    "*formatter.diskUsageImagesContext",
    "Type=TYPE, TotalCount=TOTAL, Active=ACTIVE, Size=SIZE, Reclaimable=RECLAIMABLE",
    "Type TotalCount Active Size Reclaimable",
)
