"""References: the names of images, as docker takes them apart, completes and prints them."""

import re
from dataclasses import dataclass, replace

from course.errors import CourseError
from course.words import shown

DOCKER_HUB, LEGACY_HUB = "docker.io", "index.docker.io"
OFFICIAL = "library/"
DEFAULT_TAG = "latest"
LONGEST_NAME = 255  # characters of domain and path together

# distribution/reference, regexp.go; a name of 64 hexadecimal digits would be taken for an image's ID
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
DOMAIN = rf"(?:{LABEL}(?:\.{LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
REFERENCE = re.compile(
    rf"(?P<domain>{DOMAIN})/(?P<path>{COMPONENT}(?:/{COMPONENT})*)(?::(?P<tag>{TAG}))?(?:@(?P<digest>{DIGEST}))?"
)
IDENTIFIER = re.compile(r"[a-f0-9]{64}")
HEXADECIMAL_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}  # go-digest, algorithm.go


class InvalidReference(CourseError):  # noqa: N818 (names the fact)
    """The text is no image reference; the message is docker's own."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of an image: a registry's ``domain``, the ``path`` of a repository in it, a ``tag`` and a ``digest``.

    All are str; tag and digest are empty where the reference has none.  Rule: distribution/reference, normalize.go.

    >>> Reference.parse("greeter:1")
    Reference(domain='docker.io', path='library/greeter', tag='1', digest='')
    >>> str(Reference.parse("greeter:1")), Reference.parse("docker.io/library/greeter:1").familiar
    ('docker.io/library/greeter:1', 'greeter:1')
    """

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Return what ``text`` (str) names, completed as docker does.  Raises InvalidReference, in docker's words.

        What stands before the first slash is a domain if it could be no part of a path on Docker Hub: it has a dot, a
        colon or a capital letter, or it is ``localhost``.

        >>> Reference.parse("localhost:5000/a/b:2").domain, Reference.parse("team/tool").domain
        ('localhost:5000', 'docker.io')
        """
        if IDENTIFIER.fullmatch(text):
            raise InvalidReference(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
        domain, rest = _split(text)
        path = rest.partition(":")[0]
        if path != path.lower():
            raise InvalidReference(f"invalid reference format: repository name ({shown(path)}) must be lowercase")
        match = REFERENCE.fullmatch(f"{domain}/{rest}")
        if match is None:
            raise InvalidReference("invalid reference format")
        reference = cls(match["domain"], match["path"], match["tag"] or "", match["digest"] or "")
        if len(reference.name) > LONGEST_NAME:
            raise InvalidReference(f"repository name must not be more than {LONGEST_NAME} characters")
        _check_digest(reference.digest)
        return reference

    @property
    def name(self) -> str:
        """The repository in full, without tag and digest (str), such as ``docker.io/library/greeter``."""
        return f"{self.domain}/{self.path}"

    @property
    def familiar_name(self) -> str:
        """The repository as docker prints it (str), such as ``greeter``.

        >>> [Reference.parse(name).familiar_name for name in ("docker.io/team/tool:1", "docker.io/library/team/tool")]
        ['team/tool', 'library/team/tool']
        """
        if self.domain != DOCKER_HUB:
            return self.name
        official = self.path.removeprefix(OFFICIAL)
        return self.path if "/" in official else official

    @property
    def familiar(self) -> str:
        """The reference as docker prints it (str), such as ``greeter:1``."""
        return self.familiar_name + self._suffix

    @property
    def tagged(self) -> "Reference":
        """The same with the tag ``latest`` where there is neither tag nor digest (Reference).

        >>> Reference.parse("greeter").tagged.familiar
        'greeter:latest'
        """
        return self if self.tag or self.digest else replace(self, tag=DEFAULT_TAG)

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.name + self._suffix


def _split(text: str) -> tuple[str, str]:
    """Return the domain of a reference, and the rest, both completed (str, str)."""
    first, slash, rest = text.partition("/")
    is_domain = slash and (first == "localhost" or re.search(r"[.:]", first) or first != first.lower())
    domain, rest = (first, rest) if is_domain else (DOCKER_HUB, text)
    if domain == LEGACY_HUB:
        domain = DOCKER_HUB
    return domain, OFFICIAL + rest if domain == DOCKER_HUB and "/" not in rest else rest


def _check_digest(digest: str) -> None:
    """Raise InvalidReference unless ``digest`` (str, of a digest's form, or empty) is of a known kind and length."""
    if not digest:
        return
    algorithm, _colon, digits = digest.partition(":")
    if algorithm not in HEXADECIMAL_DIGITS:
        raise InvalidReference(
            "unsupported digest algorithm" if algorithm == algorithm.lower() else "invalid checksum digest format"
        )
    if len(digits) != HEXADECIMAL_DIGITS[algorithm]:
        raise InvalidReference("invalid checksum digest length")
    if digits != digits.lower():
        raise InvalidReference("invalid checksum digest format")
