"""find's actions: what is done with a file that passed the tests."""

import stat
from collections.abc import Callable

from course.processes.simulated.programs import long_listing, users
from course.processes.simulated.programs.find_printf import formatted, pieces
from course.processes.simulated.programs.find_search import Condition, Entry, Search
from course.processes.simulated.programs.find_tests import Maker, argument, predicate
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Steps, Usage

MOST = 128 * 1024  # bytes of arguments that find gives to one command (findutils manual, "Multiple Files")


def _writing(text: Callable[[Search, Entry], str]) -> Condition:
    def run(search: Search, entry: Entry) -> Steps:
        yield from search.process.print(text(search, entry))
        return True

    return run


print_path = _writing(lambda _search, entry: f"{entry.path}\n")


def _simple(condition: Condition) -> Maker:
    return lambda _search, _word, _words: condition


def _listed(search: Search, entry: Entry) -> str:
    """Return the line that ``find -ls`` writes (str): inode, blocks, then as ``ls -l``."""
    fs, found = search.process.fs, entry.found
    user = users.name_of(fs, users.PASSWD, found.st_uid) or str(found.st_uid)
    group = users.name_of(fs, users.GROUP, found.st_gid) or str(found.st_gid)
    size = f"{found.st_size:8}"
    if long_listing.is_device(found.st_mode):
        size = f"{found.st_rdev[0]:3}, {found.st_rdev[1]:3}"
    target = f" -> {fs.readlink(entry.path)}" if stat.S_ISLNK(found.st_mode) else ""
    time = long_listing.time_of_day(found.st_mtime_ns, search.process.space.clock())
    return (
        f"{found.st_ino:9} {-(-found.st_blocks // 2):6} {stat.filemode(found.st_mode)} {found.st_nlink:3} "
        f"{user:<8} {group:<8} {size} {time} {entry.path}{target}\n"
    )


def _printf(search: Search, word: str, words: list[str]) -> Condition:
    parts, unknown = pieces(argument(word, words))
    for directive in unknown:
        search.warnings.append(f"warning: unrecognized format directive `{directive}'")
    return _writing(lambda search, entry: formatted(search, entry, parts))


def _delete(search: Search, _word: str, _words: list[str]) -> Condition:
    search.depth_first = True

    def run(search: Search, entry: Entry) -> Steps:
        fs = search.process.fs
        if entry.path == ".":
            return True
        try:
            if stat.S_ISDIR(entry.found.st_mode):
                fs.rmdir(entry.path)
            else:
                fs.unlink(entry.path)
        except OSError as error:
            return (yield from search.complain(f"cannot delete {quote(entry.path)}: {error.strerror}"))
        return True

    return run


def _prune(_search: Search, entry: Entry) -> bool:
    entry.pruned = True
    return True


def _quit(search: Search, _entry: Entry) -> bool:
    search.quitting = True
    return True


def _exec(search: Search, word: str, words: list[str]) -> Condition:
    command: list[str] = []
    while True:
        part = argument(word, words)
        if part == ";":
            break
        if part == "+" and command and "{}" in command[-1]:
            return _many(search, word, command)
        command.append(part)
    if not command:
        raise Usage(f"invalid argument `;' to `{word}'", hint=False)

    def run(search: Search, entry: Entry) -> Steps:
        return (yield from _done(search, [part.replace("{}", entry.path) for part in command]))

    return run


def _many(search: Search, word: str, command: list[str]) -> Condition:
    """Return the action that runs a command with many files at once: when there are enough, and at the end."""
    if command[-1] != "{}":
        message = f"In '{word} ... {{}} +' the '{{}}' must appear by itself, but you specified '{command[-1]}'"
        raise Usage(message, hint=False)
    head = command[:-1]
    if any("{}" in part for part in head):
        raise Usage(f"Only one instance of {{}} is supported with {word} ... +", hint=False)
    paths: list[str] = []

    def flush() -> Steps:
        if paths:
            arguments = [*head, *paths]
            paths.clear()
            if not (yield from _done(search, arguments)):
                search.status = 1
        return True

    def run(_search: Search, entry: Entry) -> Steps:
        if sum(map(len, paths)) + len(entry.path) > MOST:
            yield from flush()
        paths.append(entry.path)
        return True

    search.batches.append(flush)
    return run


def _done(search: Search, command: list[str]) -> Steps:
    """Run a command; return whether it ended with status 0 (bool)."""
    try:
        child = search.process.run(command)
    except OSError as error:
        yield from search.process.complain(f"{search.process.argv[0]}: {quote(command[0])}: {error.strerror}")
        return False
    _, status = yield from search.process.wait(child.pid)
    return status == 0


ACTIONS: dict[str, Maker] = {
    "-print": _simple(print_path),
    "-print0": _simple(_writing(lambda _search, entry: f"{entry.path}\0")),
    "-ls": _simple(_writing(_listed)),
    "-printf": _printf,
    "-exec": _exec,
    "-delete": _delete,
}
"""Actions that stand for -print, by name (dict of str to Maker)."""

CONTROLS: dict[str, Maker] = {"-prune": _simple(predicate(_prune)), "-quit": _simple(predicate(_quit))}
"""Actions that only change how find goes on."""
