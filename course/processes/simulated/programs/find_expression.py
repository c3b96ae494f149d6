"""find's expression: tests and actions, joined by ``!``, ``-a``, ``-o``, the comma and parentheses."""

from collections.abc import Callable
from dataclasses import dataclass

from course.processes.simulated.programs import find_actions, find_tests
from course.processes.simulated.programs.find_search import Condition, Entry, Search
from course.processes.simulated.programs.registry import Steps, Usage

NOT, AND, OR, COMMA = ("!", "-not"), ("-a", "-and"), ("-o", "-or"), (",",)
OPERATORS = {*NOT, *AND, *OR, *COMMA, "(", ")"}
IGNORED = {"-noleaf", "-warn", "-nowarn", "-ignore_readdir_race", "-noignore_readdir_race"}
ON_ONE_DEVICE = ("-xdev", "-mount")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression: an operator (str), or a test or action (``condition``)."""

    text: str
    condition: Condition | None = None


def begins(word: str) -> bool:
    """Return whether ``word`` (str) is where the expression begins (bool).

    >>> begins("-name"), begins("("), begins("-"), begins("d")
    (True, True, False, False)
    """
    return (word.startswith("-") and len(word) > 1) or word in ("(", "!")


def parse(search: Search, words: list[str]) -> Condition:
    """Return what is to be done with each file (Condition); options among ``words`` (list of str) change ``search``.

    Files that pass are printed if there is no action.  Raises Usage.  Rule: find(1), "EXPRESSION".
    """
    tokens = list(_tokens(search, words))
    has_action = any(token.text in find_actions.ACTIONS for token in tokens)
    if not any(token.text not in find_tests.OPTIONS for token in tokens):
        return find_actions.print_path
    tree = _Tree(tokens)
    condition = tree.sequence()
    if tree.at < len(tokens):
        raise Usage("you have too many ')'", hint=False)
    return condition if has_action else _both(condition, find_actions.print_path)


def _tokens(search: Search, words: list[str]) -> list[Token]:
    found: list[Token] = []
    words = list(words)
    while words:
        word = words.pop(0)
        if word in OPERATORS:
            found.append(Token(word))
            continue
        if not word.startswith("-"):
            raise Usage(_misplaced(search, word, found), hint=False)
        found.append(Token(word, _condition(search, word, words)))
    return found


def _misplaced(search: Search, word: str, found: list[Token]) -> str:
    message = f"paths must precede expression: `{word}'"
    try:
        search.process.fs.lstat(word)
    except OSError:
        return message
    last = found[-1].text if found else ""
    return message + (f"\nfind: possible unquoted pattern after predicate `{last}'?" if last else "")


def _condition(search: Search, word: str, words: list[str]) -> Condition:
    """Return what a word of the expression stands for; take its arguments from ``words``.  Raises Usage."""
    if word in ON_ONE_DEVICE:
        search.on_one_device = True
    if word in (*IGNORED, *ON_ONE_DEVICE):
        return find_tests.always
    make = find_actions.ACTIONS.get(word) or find_actions.CONTROLS.get(word) or find_tests.lookup(word)
    if make is None:
        raise Usage(f"unknown predicate `{word}'", hint=False)
    return make(search, word, words)


class _Tree:
    """Reads the tokens by precedence: the comma binds least, then -o, then -a, then !."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at = tokens, 0

    def next_text(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def sequence(self) -> Condition:
        return self._joined(COMMA, _either_way, self.alternatives)

    def alternatives(self) -> Condition:
        return self._joined(OR, _one_of, self.conjunction)

    def conjunction(self) -> Condition:
        condition = self.negation()
        while self.next_text() and self.next_text() not in (*OR, *COMMA, ")"):
            if self.next_text() in AND:
                self._operator()
            condition = _both(condition, self.negation())
        return condition

    def _joined(
        self,
        operators: tuple[str, ...],
        join: Callable[[Condition, Condition], Condition],
        part: Callable[[], Condition],
    ) -> Condition:
        condition = part()
        while self.next_text() in operators:
            self._operator()
            condition = join(condition, part())
        return condition

    def _operator(self) -> None:
        text = self.next_text()
        self.at += 1
        if self.at == len(self.tokens):
            raise Usage(f"expected an expression after '{text}'", hint=False)

    def negation(self) -> Condition:
        text = self.next_text()
        if text in NOT:
            self._operator()
            return _not(self.negation())
        if text == "(":
            return self._parentheses()
        if text in (*AND, *OR, *COMMA):
            raise Usage(
                f"invalid expression; you have used a binary operator '{text}' with nothing before it.", hint=False
            )
        if text == ")":
            raise Usage("invalid expression; you have too many ')'", hint=False)
        condition = self.tokens[self.at].condition
        assert condition  # noqa: S101 (every token that is no operator has one)
        self.at += 1
        return condition

    def _parentheses(self) -> Condition:
        self.at += 1
        if self.next_text() == ")":
            raise Usage("invalid expression; empty parentheses are not allowed.", hint=False)
        if self.at == len(self.tokens):
            raise Usage(
                "invalid expression; expected to find a ')' but didn't see one. "
                "Perhaps you need an extra predicate after '('",
                hint=False,
            )
        condition = self.sequence()
        if self.next_text() != ")":
            raise Usage("invalid expression; I was expecting to find a ')' somewhere but did not see one.", hint=False)
        self.at += 1
        return condition


def _not(condition: Condition) -> Condition:
    def run(search: Search, entry: Entry) -> Steps:
        return not (yield from condition(search, entry))

    return run


def _both(one: Condition, other: Condition) -> Condition:
    def run(search: Search, entry: Entry) -> Steps:
        return (yield from one(search, entry)) and not search.quitting and (yield from other(search, entry))

    return run


def _one_of(one: Condition, other: Condition) -> Condition:
    def run(search: Search, entry: Entry) -> Steps:
        return (yield from one(search, entry)) or (not search.quitting and (yield from other(search, entry)))

    return run


def _either_way(one: Condition, other: Condition) -> Condition:
    def run(search: Search, entry: Entry) -> Steps:
        yield from one(search, entry)
        return not search.quitting and (yield from other(search, entry))

    return run
