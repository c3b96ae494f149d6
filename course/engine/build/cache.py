"""Why a step was not in the cache: what was built on the same parent before, and what is different now."""

from collections.abc import Iterable, Mapping

from course.engine.build.instruction import Instruction
from course.engine.build.sources import Source, checksum
from course.engine.build.steps import Cause, Key, Probe
from course.engine.store import Store
from course.words import _, shown

REMEMBERED = 16  # steps on one parent


def not_asked() -> Probe:
    """Return what there is to say of a step that is never in the cache (Probe)."""
    return Probe(Cause.NOT_ASKED, _("FROM, and ARG before it, are not in the cache"))


def text_of(instruction: Instruction) -> str:
    """Return an instruction (Instruction, expanded) as its key has it (str): a RUN as it stands, for a shell reads it.

    >>> text_of(Instruction("ENV", ("A=1",), text="ENV A=$B"))
    'ENV A=1'
    """
    if instruction.keyword == "RUN":
        return instruction.text
    flags = [f"--{name}={value}" for name, value in instruction.flags]
    return " ".join((instruction.keyword, *flags, *instruction.arguments))


def checksums(found: list[Source]) -> dict[str, str]:
    """Return the checksum of each source, and of each file in it (dict of path to str)."""
    sums: dict[str, str] = {}
    for source in found:
        sums[source.place] = checksum([source])
        sums |= {path: checksum([Source(source.view, path, "")]) for path, entry in source.below() if entry.size}
    return sums


class Memory:
    """What the steps of earlier builds were, by what they were carried out on: in the table ``cache`` of a ``store``.

    ``builder`` is whose steps (str), ``instructions`` are those of the build that is under way (Instructions): what
    they say has not become something else.
    """

    def __init__(self, store: Store, builder: str, instructions: Iterable[Instruction]) -> None:
        self._store, self._builder = store, builder
        self._texts = {instruction.text for instruction in instructions}

    def _known(self, parent: str) -> tuple[Key, ...]:
        return self._store.tables["cache"].get(f"{self._builder} {parent}", ())  # type: ignore[no-any-return]

    def base(self, name: str, identity: str) -> Probe:
        """Return what there is to say of a FROM (Probe): whether ``name`` (str) means what it meant at the last build.

        ``identity`` is what it means now (str).
        """
        place = f"{self._builder} from {name}"
        before = self._store.tables["cache"].get(place, identity)
        if identity and identity != self._store.tables["cache"].get(place):
            self._store.put("cache", place, identity)
        if before == identity:
            return not_asked()
        return Probe(Cause.NOT_ASKED, _("{name} is another image than at the last build").format(name=shown(name)))

    def knows(self, parent: str) -> bool:
        """Tell whether something was built on ``parent`` (str) before (bool)."""
        return bool(self._known(parent))

    def remember(self, key: Key) -> None:
        """Keep the ``key`` (Key) of a step that was carried out, or came out of the cache."""
        known = self._known(key.parent)
        if known and known[-1] == key:
            return
        others = [each for each in known if each != key]
        self._store.put("cache", f"{self._builder} {key.parent}", (*others[1 - REMEMBERED :], key))

    def hit(self, key: Key) -> Probe:
        """Return that the step was in the cache (Probe)."""
        self.remember(key)
        return Probe(Cause.FOUND, _("it was built before, on the same files and from the same"), key)

    def miss(self, key: Key, *, no_cache: bool = False, above: bool = False) -> Probe:
        """Return why the step with ``key`` (Key) was not in the cache (Probe).

        ``no_cache`` is whether it was to be left aside (bool), ``above`` whether a step before it missed (bool).
        """
        if no_cache:
            cause, reason = Cause.NO_CACHE, _("the cache was left aside: --no-cache")
        elif above:
            cause, reason = Cause.ABOVE, _("a step before it was not in the cache")
        else:
            cause, reason = self._difference(key)
        self.remember(key)
        return Probe(cause, reason, key)

    def _difference(self, key: Key) -> tuple[Cause, str]:
        known = self._known(key.parent)[::-1]
        if key in known:
            return Cause.GONE, _("it was built before, and its image is no longer there")
        same = next((each for each in known if each.text == key.text), None)
        if same is None:
            keyword = key.text.split(" ")[0].upper()
            others = [each for each in known if each.text not in self._texts]
            like = next((each for each in others if each.text.upper().startswith(f"{keyword} ")), None)
            if like is None:
                return Cause.NEVER, _("nothing like it was built on this before")
            return Cause.TEXT, _("the text of the instruction changed: {before} -> {now}").format(
                before=shown(like.text), now=shown(key.text)
            )
        if same.arguments != key.arguments:
            return Cause.ARGUMENTS, _("an ARG changed: {names}").format(names=_changes(same.arguments, key.arguments))
        if same.files != key.files:
            names = [shown(path.removeprefix("/")) for path in _different(same.files, key.files)]
            return Cause.CONTENT, _("the content of {files} changed").format(files=", ".join(names))
        names = sorted(name for name in {*same.settings, *key.settings} if _get(same, name) != _get(key, name))
        return Cause.SETTINGS, _("what the image says of {names} changed").format(names=", ".join(names))


def _get(key: Key, name: str) -> object:
    return key.settings.get(name)


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    nothing = _("nothing")
    return ", ".join(
        f"{name} {before.get(name, nothing)} -> {now.get(name, nothing)}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    )


def _different(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the paths whose checksum is not the same, without the directories that hold others of them."""
    changed = sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
    inner = [path for path in changed if not any(other.startswith(path.rstrip("/") + "/") for other in changed)]
    return inner or changed
