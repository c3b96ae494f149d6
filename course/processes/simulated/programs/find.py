"""find: walks a directory tree and does something with each file that passes the tests."""

import errno
import stat

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import find_expression, targets
from course.processes.simulated.programs.find_search import Entry, Looking, Search
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Steps, program
from course.union.filesystem import Stat

NOTHING = (0, 0, 0, 0, 0, 0, 0, (0, 0), 0, 0, 0)


@program("find")
def find(process: Process, argv: list[str]) -> Run:
    """Find files in a directory tree (find(1)).

    Tests: -name -iname -path -type -size -perm -newer -user -group -uid -gid -empty -links -inum -samefile -lname
    -mtime -mmin -readable -writable -executable -true -false; actions: -print -print0 -printf -ls -exec -delete -prune
    -quit; operators: ( ) ! -a -o and the comma; options: -H -L -P -depth -maxdepth -mindepth -xdev.
    """
    search = Search(process)
    words = argv[1:]
    while words and words[0] in ("-H", "-L", "-P"):
        search.follow = words.pop(0)[1]
    places = []
    while words and not find_expression.begins(words[0]):
        places.append(words.pop(0))
    condition = find_expression.parse(search, words)
    for warning in search.warnings:
        yield from process.complain(f"{argv[0]}: {warning}")

    def walk(path: str, depth: int) -> Steps:
        """Visit a file and what lies in it."""
        entry = yield from looked_at(path, depth)
        if entry is None:
            return False
        if not search.depth_first:
            yield from visit(entry)
        if depth == 0:
            search.device = entry.found.st_dev
        foreign = search.on_one_device and entry.found.st_dev != search.device
        enters = stat.S_ISDIR(entry.found.st_mode) and depth < search.max_depth and not foreign
        if enters and not entry.pruned and not search.quitting:
            yield from enter(entry)
        if search.depth_first and not search.quitting:
            yield from visit(entry)
        return True

    def looked_at(path: str, depth: int) -> Looking:
        try:
            found = search.look(path, depth == 0)
        except OSError as error:
            if not depth or error.errno != errno.EACCES:
                yield from search.complain(f"{quote(path)}: {error.strerror}")
                return None
            found = Stat(targets.kind_listed(process.fs, path), *NOTHING)  # it is known from the directory
        return Entry(path, start, depth, found)

    def visit(entry: Entry) -> Steps:
        if entry.depth >= search.min_depth:
            yield from condition(search, entry)
        return True

    def enter(entry: Entry) -> Steps:
        identity = entry.found.st_dev, entry.found.st_ino
        if identity in search.way:
            above = search.way[identity]
            yield from search.complain(
                f"File system loop detected; {quote(entry.path)} is part of the same file system loop as "
                f"{quote(above)}."
            )
            return False
        try:
            names = process.fs.listdir(entry.path)
        except OSError as error:
            yield from search.complain(f"{quote(entry.path)}: {error.strerror}")
            return False
        search.way[identity] = entry.path
        for name in names:
            yield from walk(join(entry.path, name), entry.depth + 1)
            if search.quitting:
                break
        del search.way[identity]
        return True

    for start in places or ["."]:
        if not search.quitting:
            yield from walk(start, 0)
    for batch in search.batches:
        yield from batch()
    return search.status
