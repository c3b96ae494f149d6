"""What is wrong in a store's directory, and what would mend it."""

from dataclasses import dataclass
from enum import Enum


class Remedy(Enum):
    """What mends something: it is removed, put aside in ``lost+found``, written again, or a person has to see to it."""

    REMOVE = "remove"
    PUT_ASIDE = "put aside"
    WRITE_AGAIN = "write again"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong at ``path`` (str, in the store's directory), told in one sentence (``text``, str)."""

    path: str
    text: str
    remedy: Remedy
