"""Reading commands: a recursive descent through the shell's grammar (POSIX, XCU 2.10), with dash's own messages."""

from collections.abc import Mapping

from course.processes.simulated.shell import grammar
from course.processes.simulated.shell.characters import is_name
from course.processes.simulated.shell.grammar import Node, Redirection, Word
from course.processes.simulated.shell.lexer import Lexer, Token
from course.processes.simulated.shell.words import ShellSyntaxError

KEYWORDS = frozenset("! { } case do done elif else esac fi for if in then until while".split())
LIST_ENDS = frozenset({";;", ")", "}", "do", "done", "elif", "else", "esac", "fi", "then"})
SPECIAL_BUILTINS = frozenset(
    ". : break continue eval exec exit export local readonly return set shift times trap unset".split()
)
EVERY_PARAMETER = (Word((grammar.Parameter("@", quoted=True),)),)


class Parser(Lexer):
    r"""Reads the commands of a script: ``text`` (str, one character for each byte), whose first line is ``line`` (int).

    ``aliases`` are looked up as they are when a command is read (mapping of str to str).

    >>> parser = Parser("echo hello; exit\necho bye")
    >>> [len(command.commands) for command in iter(parser.next, None)]
    [2, 1]
    """

    def __init__(self, text: str, line: int = 1, aliases: Mapping[str, str] | None = None) -> None:
        super().__init__(text, line, lambda inside, at: Parser(inside, at, aliases))
        self.aliases = {} if aliases is None else aliases
        self.is_file = False
        self.ahead: Token | None = None
        self.inside: list[tuple[str, int]] = []  # aliases, and where the text that each stands for ends
        self.behind_blank: int | None = None  # the end of an alias that ends in a blank: the next word may be one too

    def next(self) -> grammar.Sequence | None:
        """Return the commands of the next line that has any, or None at the end.  Raises ShellSyntaxError."""
        try:
            while self._peek().kind != "end of file":
                commands = self._list(line=True)
                if commands:
                    return commands
        except RecursionError:
            raise self.failure("nested too deeply") from None
        return None

    def all(self) -> grammar.Sequence | None:
        """Return the commands of a text in backquotes, up to what can begin none; None if there are none.

        What stands behind them is lost, as in dash.  Raises ShellSyntaxError.
        """
        return self._list(empty=True)

    def substituted(self) -> grammar.Sequence | None:
        """Return the commands up to a closing parenthesis, and go on behind it."""
        asked, self.asked = self.asked, []
        commands = self._list(empty=True)
        self._expect(")")
        self.asked = asked
        return commands

    def at_end(self) -> bool:
        """Return whether nothing is left to read (bool)."""
        return self.at >= len(self.text) and (self.ahead is None or self.ahead.kind == "end of file")

    def restart(self, at: int, line: int) -> None:
        """Go back to the offset ``at`` (int), which is on ``line`` (int): more of the text has come."""
        self.at, self.line, self.ahead, self.asked, self.literal = at, line, None, [], False

    # Tokens

    def _peek(self, newlines: bool = False) -> Token:
        """Return the next token without taking it; ``newlines`` (bool) says to skip those before it."""
        while True:
            if self.ahead is None:
                self.ahead = self.token()
            if not newlines or self.ahead.kind != "newline":
                return self.ahead
            self.ahead = None

    def _take(self) -> Token:
        token = self._peek()
        self.ahead = None
        return token

    def _keyword(self, newlines: bool = False) -> str:
        """Return what the next token is where keywords count (str): a keyword, or the token's kind."""
        token = self._peek(newlines)
        plain = token.word.plain if token.kind == "word" else None
        return plain if plain in KEYWORDS else token.kind

    def _command_start(self, newlines: bool = False) -> str:
        """Return what the next token is where a command may begin (str): aliases stand for their text there."""
        kind = self._keyword(newlines)
        while kind == "word" and self._expand_alias():
            kind = self._keyword(newlines)
        return kind

    def _expand_alias(self) -> bool:
        token = self._peek()
        name = token.word.plain
        self.inside = [(inside, end) for inside, end in self.inside if token.start < end]
        if name is None or name not in self.aliases or name in (inside for inside, _end in self.inside):
            return False
        value = self.aliases[name]
        longer = len(value) - (self.at - token.start)
        self.inside = [(inside, end + longer) for inside, end in self.inside]
        self.inside.append((name, token.start + len(value) + 1))
        self.behind_blank = token.start + len(value) if value[-1:] in (" ", "\t") else None
        self.text = self.text[: token.start] + value + self.text[self.at :]
        self.at, self.ahead = token.start, None
        return True

    def _unexpected(self, expected: str = "", kind: str | None = None) -> ShellSyntaxError:
        found = self._keyword() if kind is None else kind
        what = found if found in ("newline", "end of file", "word", "redirection") else f'"{found}"'
        awaited = (
            f" (expecting {expected if expected == 'word' else f'{chr(34)}{expected}{chr(34)}'})" if expected else ""
        )
        return self.failure(f"{what} unexpected{awaited}", unfinished=found == "end of file")

    def _expect(self, keyword: str, newlines: bool = False) -> None:
        if self._keyword(newlines) != keyword:
            raise self._unexpected(keyword)
        self._take()

    def _close(self) -> None:
        """Take the closing parenthesis of a pattern or a function, where keywords are words."""
        if self._peek().kind != ")":
            raise self._unexpected(")", self._peek().kind)
        self._take()

    # Lists

    def _list(self, line: bool = False, empty: bool = False) -> grammar.Sequence | None:
        """Return commands up to what ends them: with ``line`` (bool) a newline, which is taken.

        With ``empty`` (bool) there may be none.
        """
        commands: list[Node] = []
        while True:
            kind = self._command_start(newlines=not line)
            if kind == "end of file" or (kind == "newline" and line):
                if kind == "newline":
                    self._take()
                return grammar.Sequence(tuple(commands)) if commands else None
            if kind in LIST_ENDS and (commands or empty):
                if line:
                    raise self._unexpected()
                return grammar.Sequence(tuple(commands)) if commands else None
            commands.append(self._and_or())
            if self._peek().kind == "&":
                commands[-1] = grammar.Background(commands[-1])
            if self._peek().kind in ("&", ";"):
                self._take()
            elif self._peek().kind not in ("newline", "end of file"):
                if line:
                    raise self._unexpected()
                return grammar.Sequence(tuple(commands))

    def _and_or(self) -> Node:
        node = self._pipeline()
        while self._peek().kind in ("&&", "||"):
            operator = self._take().kind
            self._command_start(newlines=True)
            node = grammar.AndOr(node, operator, self._pipeline())
        return node

    def _pipeline(self) -> Node:
        negated = self._command_start() == "!"
        if negated:
            self._take()
        commands = [self._command()]
        while self._peek().kind == "|":
            self._take()
            self._command_start(newlines=True)
            commands.append(self._command())
        node = commands[0] if len(commands) == 1 else grammar.Pipeline(tuple(commands))
        return grammar.Not(node) if negated else node

    # Commands

    def _command(self) -> Node:
        kind, line = self._command_start(), self.line
        if kind in ("word", "redirection"):
            return self._simple()
        compound = {
            "if": self._if,
            "while": self._loop,
            "until": self._loop,
            "for": self._for,
            "case": self._case,
            "(": self._subshell,
            "{": self._group,
        }.get(kind)
        if compound is None:
            raise self._unexpected()
        node = compound()
        redirections: list[Redirection] = []
        while self._peek().kind == "redirection":
            redirections.append(self._redirection_here())
        return grammar.Redirected(node, tuple(redirections), line) if redirections else node

    def _body(self) -> Node:
        """Return at least one command (Node)."""
        commands = self._list()
        if commands is None:
            return grammar.Sequence(())
        return commands.commands[0] if len(commands.commands) == 1 else commands

    def _if(self) -> Node:
        self._take()
        test = self._body()
        self._expect("then")
        body = self._body()
        kind = self._keyword()
        if kind == "elif":
            return grammar.If(test, body, self._if())
        otherwise = None
        if kind == "else":
            self._take()
            otherwise = self._body()
        self._expect("fi")
        return grammar.If(test, body, otherwise)

    def _loop(self) -> Node:
        until = self._take().word.plain == "until"
        test = self._body()
        self._expect("do")
        body = self._body()
        self._expect("done")
        return grammar.Loop(test, body, until)

    def _for(self) -> Node:
        line = self._take().line
        name = self._take().word.plain
        if name is None or not is_name(name):
            raise self.failure("Bad for loop variable")
        words: tuple[Word, ...] = EVERY_PARAMETER
        if self._keyword(newlines=True) == "in":
            self._take()
            found = []
            while self._peek().kind == "word":
                found.append(self._take().word)
            words = tuple(found)
            if self._peek().kind not in ("newline", ";"):
                raise self._unexpected()
            self._take()
        elif self._peek().kind == ";":
            self._take()
        self._expect("do", newlines=True)
        body = self._body()
        self._expect("done")
        return grammar.For(name, words, body, line)

    def _case(self) -> Node:
        line = self._take().line
        if self._peek().kind != "word":
            raise self._unexpected("word")
        word = self._take().word
        self._expect("in", newlines=True)
        items = []
        while self._keyword(newlines=True) != "esac":
            if self._peek().kind == "(":
                self._take()
            patterns = [self._pattern()]
            while self._peek().kind == "|":
                self._take()
                patterns.append(self._pattern())
            self._close()
            items.append((tuple(patterns), self._list(empty=True)))
            if self._keyword(newlines=True) != "esac":
                self._expect(";;")
        self._take()
        return grammar.Case(word, tuple(items), line)

    def _pattern(self) -> Word:
        return self._take().word  # of whatever kind: as in dash, it is the next token that is missed

    def _subshell(self) -> Node:
        line = self._take().line
        body = self._body()
        self._expect(")")
        return grammar.Subshell(body, line)

    def _group(self) -> Node:
        self._take()
        body = self._body()
        self._expect("}")
        return body

    def _simple(self) -> Node:
        line = self.line
        assignments: list[grammar.Assignment] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            kind = self._simple_start(first=not words)
            if kind == "word":
                word = self._take().word
                assignment = None if words else grammar.Assignment.of(word)
                if assignment:
                    assignments.append(assignment)
                else:
                    words.append(word)
            elif kind == "redirection":
                redirections.append(self._redirection_here())
            elif kind == "(" and len(words) == 1 and not assignments and not redirections:
                return self._function(words[0])
            else:
                return grammar.Simple(tuple(assignments), tuple(words), tuple(redirections), line)

    def _simple_start(self, first: bool) -> str:
        """Return the kind of the next token (str); a first word (bool), or one behind a blank, may be an alias."""
        while self._peek().kind == "word":
            behind = self.behind_blank is not None and self._peek().start >= self.behind_blank
            if behind:
                self.behind_blank = None
            if not (first or behind) or not self._expand_alias():
                break
        return self._peek().kind

    def _function(self, word: Word) -> Node:
        self._take()
        self._close()
        name = word.plain
        if name is None or not is_name(name) or name in SPECIAL_BUILTINS:
            raise self.failure("Bad function name")
        self._command_start(newlines=True)
        line = self.line
        return grammar.Function(name, self._command(), line)

    # Redirections

    def _redirection_here(self) -> Redirection:
        token = self._take()
        self.literal = token.text.startswith("<<")
        following = self._peek()
        self.literal = False
        if following.kind != "word":
            raise self._unexpected(kind=following.kind)
        word = self._take().word
        if token.text.startswith("<<"):
            return Redirection(token.fd, "<<", self.document(token.text, word))
        return Redirection(token.fd, token.text, word)
