"""A case as a script that anyone can run on a real mount: see ``by_hand.py``, with which it begins."""

from pathlib import Path

from course.union import flags
from kernel import by_hand
from kernel.calls import LEFT_OUT, ROOT, Slot
from kernel.layout import placed, root_of_upper

OPENING = ("O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND", "O_NONBLOCK", "O_DIRECTORY", "O_NOFOLLOW")
OWN = {
    "access",
    "bind",
    "mknod",
    "mount_volume",
    "remount",
    "utime",
}  # those that by_hand.py has, since os lacks them or does less


def script(case, outcomes, differences):
    """Return the script (str): it lays out, mounts, calls, and says where the simulator's ``outcomes`` were others."""
    lines = [Path(by_hand.__file__).read_text("utf-8"), "", "LAYERS = ["]
    for objects in placed(case.layers):
        lines += ["    [", *(f"        {_made(each)}," for each in objects), "    ],"]
    lines += [
        "]",
        f"UPPER = {_made(root_of_upper(case.layers))}",
        "CALLS = [  # call, what the simulator gave, fd, user",
    ]
    made = [each for each in zip(case.calls, outcomes, strict=True) if each[1].value != LEFT_OUT]
    for call, outcome in made:
        slot = call.slot.number if call.slot else None
        user = tuple(call.user) if call.user != ROOT else None
        lines.append(f"    ({written(call)!a}, {_literal(str(outcome))}, {slot}, {user}),")
    lines += ["]", "DIFFERENCES = [", *(f"    {each!a}," for each in differences), "]"]
    lines += ["", "main(LAYERS, UPPER, CALLS, DIFFERENCES)", ""]
    return "\n".join(lines)


def _made(each):
    """Return a Placed as Python (str), without what is as it mostly is."""
    usual = by_hand.Placed._field_defaults
    more = (f"{name}={_literal(getattr(each, name))}" for name in usual if getattr(each, name) != usual[name])
    return f"Placed({', '.join([ascii(each.path), oct(each.mode), *more])})"


def written(call):
    """Return a call as Python (str): ``fd`` maps slots to descriptors."""
    given = [f"fd[{each.number}]" if isinstance(each, Slot) else _literal(each) for each in call.arguments]
    name = call.name if call.name in OWN else f"os.{call.name}"
    if call.name == "open":
        given[1] = _opening(call.arguments[1])
    if call.name == "close":
        given = [f"fd.pop({call.arguments[0].number}, CLOSED)"]
    if call.name == "rename" and call.arguments[2:]:
        name = "rename" if call.arguments[2] else name
        given = given if call.arguments[2] else given[:2]
    if call.name == "link":
        given.append("follow_symlinks=False")
    return f"{name}({', '.join([*given, *(f'{word}={value!a}' for word, value in call.named)])})"


def _opening(how):
    access = ("os.O_RDONLY", "os.O_WRONLY", "os.O_RDWR")[how & flags.O_ACCMODE]
    return " | ".join([access, *(f"os.{name}" for name in OPENING if how & getattr(flags, name))])


def _literal(value):
    """Return a value as Python (str); what begins with one or two letters over and over, as a product."""
    if isinstance(value, str | bytes):
        for unit in filter(None, (value[:1], value[:2])):
            times = next(number for number in range(len(value) + 1) if not value.startswith(unit, number * len(unit)))
            rest = value[times * len(unit) :]
            if times > 30:
                return f"{unit!a} * {times}" + (f" + {rest!a}" if rest else "")
    return ascii(value)
