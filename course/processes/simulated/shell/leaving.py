"""Leaving early: how errors, ``exit``, ``return``, ``break`` and ``continue`` end what is being run."""


class ShellError(Exception):
    """An error that ends the command, and most often the shell: ``status`` (int) is its exit status."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


class Leave(Exception):  # noqa: N818 (what `exit` does, no error)
    """The shell ends with ``status`` (int)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Failure(Leave):
    """The shell ends with ``status`` (int) because of an error, which has been told; ``command`` keeps it from that."""


class Jump(Exception):  # noqa: N818
    """Commands are left for what stands around them; ``status`` (int) is that of the jump itself."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(status)
        self.status = status


class Return(Jump):
    """A function, or a script that ``.`` runs, ends with ``status`` (int)."""


class Break(Jump):
    """``levels`` (int) loops end."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.levels = levels


class Continue(Break):
    """All but the last of ``levels`` (int) loops end, and that one goes on with its next round."""
