"""The command line: ``course …``."""

import errno
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from course.errors import CourseError
from course.layers.digest import short
from course.words import _, _n, shown, size

if TYPE_CHECKING:
    from course.transport.registry.transfers import Transfer

# `course --help` lists the commands under these headings
SECTIONS = {
    _("Learn"): ("lab", "reset"),
    _("Look at images"): ("open", "image"),
    _("Docker"): ("docker",),
    _("This machine"): ("doctor", "observe"),
    _("Write lessons"): ("author",),
}


class Refusal(click.ClickException):
    """Why a command was not done, in one sentence."""

    exit_code = 2


class Commands(click.Group):
    """The commands of the course, under their headings; what goes wrong in one is told in one line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help's list of commands."""
        for heading, names in SECTIONS.items():
            commands = [self.commands[name] for name in names if name in self.commands]
            if commands:
                with formatter.section(heading):
                    formatter.write_dl([(command.name or "", command.get_short_help_str(100)) for command in commands])

    def invoke(self, ctx: click.Context) -> None:
        """Run a command.  Exit status: 2 for anything that can be told in a sentence, 130 for ^C."""
        try:
            super().invoke(ctx)
        except CourseError as error:
            raise Refusal(str(error)) from error
        except KeyboardInterrupt:
            ctx.exit(130)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has seen enough: click ends quietly
                raise
            told = f"{shown(str(error.filename))}: {error.strerror}." if error.filename else str(error)
            raise Refusal(told) from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Layer by Layer: an interactive course on how container images and containers work."),
    epilog=_("`course COMMAND --help` says more about a command."),
)
@click.version_option(package_name="layer-by-layer", message="%(version)s", help=_("Show the version."))
def cli() -> None:
    """Layer by Layer."""


@cli.command(
    help=_(
        "Open the course in JupyterLab, on LESSON (such as 01_layers, layers or 1).\n\n"
        "You get a working copy of the notebooks, in which what you write is kept, also when the lessons are updated."
    ),
    short_help=_("Open the course in JupyterLab."),
)
@click.argument("lesson", default="0")
@click.option("--browser/--no-browser", default=True, help=_("Open a browser, or only print the address."))
def lab(lesson: str, browser: bool) -> None:
    """Open the course in JupyterLab."""
    from course.lessons.lab import open_lab

    open_lab(lesson, browser, click.echo)


@cli.command(
    help=_(
        "Restore a lesson (01_layers, layers or 1) or an exercise (layers/lookup) to what the course has.\n\n"
        "What you had is kept, and the command says where."
    ),
    short_help=_("Restore a lesson or an exercise to what it was."),
)
@click.argument("name", metavar=_("LESSON|EXERCISE"))
def reset(name: str) -> None:
    """Restore a lesson or an exercise to what it was."""
    from course.lessons.workspace import reset as restored

    click.echo(restored(name))


@cli.command(
    "open",
    help=_(
        "Print the stack of layers of the image in FILE, and what each layer added, changed and hid.\n\n"
        "With PATH: every version of that path, in which layer it lies, which one wins, and why. FILE is an archive of "
        "`docker save` or `podman save`, or an OCI image layout (a folder or a tar)."
    ),
    short_help=_("Print an image's layers, or where a path in it comes from."),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("path", required=False)
@click.option("--name", default="", help=_("Which image, where FILE holds several."))
@click.option("--platform", default="", help=_("Which platform, such as linux/arm64, where the image has several."))
@click.option("--all", "everything", is_flag=True, help=_("List all paths that changed, not only the first."))
def open_(file: Path, path: str | None, name: str, platform: str, everything: bool) -> None:
    """Print an image's layers, or where a path in it comes from."""
    from course.figures import provenance
    from course.figures.listing import listing
    from course.layers.paths import normal
    from course.transport.reading import open_image
    from course.union.view import UnionView

    image = open_image(file, name, platform)
    if path is None:
        click.echo(listing(image, limit=None) if everything else listing(image))
        return
    if ".." in path.split("/") or "\0" in path:
        raise CourseError(
            _("'{path}': give the path from the root of the image, without '..'.").format(path=shown(path))
        )
    place = UnionView(image.layers).reached(path)
    if place != normal(path):
        click.echo(
            _("{path} is {place}: a symbolic link lies on the way.").format(path=shown(path), place=shown(place))
        )
    click.echo(provenance(image, place).text)


@cli.group(help=_("Make images."), short_help=_("Make images."))
def image() -> None:
    """Make images."""


@image.command(
    "from-host",
    help=_(
        "Make an image of this machine's own shell, core utilities and libraries, and save it as FILE.\n\n"
        "It needs Linux, and neither a network nor Docker. docker, podman and skopeo can load it."
    ),
    short_help=_("Make an image of this machine's own programs."),
)
@click.argument("file", type=click.Path(path_type=Path))
def from_host(file: Path) -> None:
    """Make an image of this machine's own programs."""
    from course.transport.from_host import image_from_host
    from course.transport.writing import save_image

    made = image_from_host()
    save_image([made], file)
    count = _n("{count} layer", "{count} layers", len(made.layers))
    total = size(sum(layer.size for layer in made.layers))
    click.echo(_("{file}: {name}, {layers}, {size}").format(file=file, name=made.names[0], layers=count, size=total))


@cli.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
    help=_(
        "Carry out a docker command, such as `run base:1 id`, on a simulated engine, and print what docker prints.\n\n"
        "What it did is kept from one command to the next. `course docker undo` takes the last command back, `redo` "
        "does it again, `sleep 5` lets time pass, `reset` begins anew. `course docker --help` lists docker's commands."
    ),
    short_help=_("Carry out a docker command on a simulated engine."),
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def docker(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Carry out a docker command on a simulated engine."""
    from course.engine.command_line.carrying_out import reads_input
    from course.lessons.kept_engine import engine_file, kept_desk
    from course.processes.runtime import STDERR

    is_piped = not sys.stdin.isatty() and reads_input(words)
    stdin = sys.stdin.buffer.read() if is_piped else None
    with kept_desk(engine_file(), afresh=words[:1] == ("reset",)) as desk:
        if sys.stderr.isatty():
            desk.engine.progress = _tell_progress
        outcome = desk.carry_out_words(list(words), stdin, sys.stdout.isatty())
    for number, data in outcome.in_turn:
        stream = sys.stderr if number == STDERR else sys.stdout
        stream.buffer.write(data)
        stream.buffer.flush()
    ctx.exit(outcome.status)


def _tell_progress(transfer: "Transfer") -> None:
    """Show on the terminal's last line how far a blob is on its way (Transfer)."""
    is_on_its_way = transfer.status.endswith("ing")
    amount = f" {size(transfer.done)}/{size(transfer.size)}" if is_on_its_way else ""
    click.echo(f"\r\033[K{short(transfer.digest)}: {transfer.status}{amount}\r", nl=False, err=True)


@cli.command(
    help=_("Try what this machine can do for real, and say why not the rest, and what to do about it."),
    short_help=_("Say what this machine can do for real, and why not the rest."),
)
def doctor() -> None:
    """Say what this machine can do for real, and why not the rest."""
    from course.processes.linux.probe import probe

    click.echo(probe().report())


@cli.command(
    help=_(
        "Show what a running process is made of: its namespaces, the layers of its overlays, its mounts, its control "
        "groups and its rights.\n\n"
        "The process is given by its PID or its name, as ps prints them; without it, this command shows itself. What "
        "this user may not see is named at the end."
    ),
    short_help=_("Show the namespaces, layers, mounts and control groups of a process."),
)
@click.argument("process", metavar=_("[PID|NAME]"), required=False)
def observe(process: str | None) -> None:
    """Show the namespaces, layers, mounts and control groups of a process."""
    from course.processes.linux import observing

    click.echo(observing.observe(observing.process_named(process) if process else None))


@cli.group(help=_("For those who write exercises."), short_help=_("For those who write exercises."))
def author() -> None:
    """For those who write exercises."""


@author.command(
    help=_(
        "Check every exercise: the starter scores nothing, the solution everything, and each wrong answer is caught by "
        "the check and the diagnosis that it names."
    ),
    short_help=_("Check that every exercise is well made."),
)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check that every exercise is well made."""
    from course.authoring.check import report_all

    ctx.exit(1 if report_all() else 0)


def main() -> None:
    """Run the command line: what the program `course` calls."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a sign shows its number
    cli()


if __name__ == "__main__":
    main()
