"""cp: copies files and directories."""

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import backups, targets
from course.processes.simulated.programs.copying import ALWAYS, NEVER, OPERANDS, Copier, Wishes
from course.processes.simulated.programs.registry import Usage, choice, for_each, options, program

SHORT = "abdfHilLnpPrRsS:t:Tuv"
LONG = (
    "archive dereference force interactive link no-clobber no-dereference no-preserve= no-target-directory preserve=? "
    "recursive remove-destination symbolic-link target-directory= update verbose"
).split()
PRESERVED = {
    "mode": {"mode"},
    "timestamps": {"timestamps"},
    "ownership": {"ownership"},
    "links": {"links"},
    "context": set[str](),
    "xattr": {"xattr"},
    "all": {"mode", "timestamps", "ownership", "links", "xattr"},
}
USUAL = "mode,ownership,timestamps"


@program("cp")
def cp(process: Process, argv: list[str]) -> Run:
    """Copy files and directories (cp(1)): -a -b -d -f -H -i -l -L -n -p -P -r -R -s -S -t -T -u -v, long options."""
    found, operands = options(argv, SHORT, LONG + backups.LONG)
    wishes = Wishes(follow="", backups=backups.chosen(found))
    into, plain = None, False
    for option, value in found:
        match option:
            case "-t" | "--target-directory":
                into = value
            case "-T" | "--no-target-directory":
                plain = True
            case _:
                _wish(wishes, option, value)
    backups.check(wishes.backups, wishes.existing)
    if not wishes.follow:
        wishes.follow = NEVER if wishes.recursive and wishes.make != "links" else ALWAYS
    target = targets.chosen(process.fs, operands, into, plain)
    several = target.directory is not None and len(target.operands) > 1
    copier = Copier(process, wishes, several)
    return (yield from for_each(process, target.operands, lambda name: copier.copy(name, target.path(name))))


def _wish(wishes: Wishes, option: str, value: str) -> None:
    match option:
        case "-a" | "--archive":
            wishes.recursive, wishes.follow, wishes.keep = True, NEVER, wishes.keep | PRESERVED["all"]
        case "-d":
            wishes.follow, wishes.keep = NEVER, wishes.keep | {"links"}
        case "-f" | "--force":
            wishes.force = True
        case "-H":
            wishes.follow = OPERANDS
        case "-i" | "--interactive":
            wishes.existing = "ask"
        case "-l" | "--link":
            wishes.make = _one(wishes, "links")
        case "-L" | "--dereference":
            wishes.follow = ALWAYS
        case "-n" | "--no-clobber":
            wishes.existing = "skip"
        case "-p":
            wishes.keep |= _preserved(option, USUAL)
        case "--preserve":
            wishes.keep |= _preserved(option, value or USUAL)
            wishes.forget_mode = wishes.forget_mode and "mode" not in wishes.keep
        case "--no-preserve":
            wishes.keep -= _preserved(option, value)
            wishes.forget_mode = "mode" not in wishes.keep and "mode" in _preserved(option, value)
        case "-P" | "--no-dereference":
            wishes.follow = NEVER
        case "-r" | "-R" | "--recursive":
            wishes.recursive = True
        case "--remove-destination":
            wishes.remove_first = True
        case "-s" | "--symbolic-link":
            wishes.make = _one(wishes, "symlinks")
        case "-u" | "--update":
            wishes.update = True
        case "-v" | "--verbose":
            wishes.verbose = True


def _one(wishes: Wishes, make: str) -> str:
    if wishes.make not in ("", make):
        raise Usage("cannot make both hard and symbolic links")
    return make


def _preserved(option: str, value: str) -> frozenset[str]:
    kept: set[str] = set()
    for word in value.split(","):
        kept |= choice(option, word, PRESERVED)
    return frozenset(kept)
