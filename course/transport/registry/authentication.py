"""Authentication: what a registry asks for before it answers, and what it gets.

Rule: RFC 7235 and 7617; distribution, "Token Authentication Specification".
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from course.errors import AccessDenied, RegistryError
from course.layers import document
from course.layers.document import read_document
from course.transport.registry.addresses import checked_url, same_site
from course.words import _, shown

CHALLENGE = re.compile(r"\s*(bearer|basic)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
PARAMETER = re.compile(r'([A-Za-z_-]{1,64})="([^"\\]*)"')
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks: ``username`` and ``password`` (str), for one registry; the password is never printed.

    >>> Credentials("learner", "secret")
    Credentials(username='learner')
    """

    username: str
    password: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of the header "Authorization" (str).  Rule: RFC 7617."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registry asks for: ``scheme`` is "bearer" or "basic" (str), ``parameters`` say more (str to str)."""

    scheme: str
    parameters: Mapping[str, str]


def read_challenge(headers: list[str]) -> Challenge | None:
    """Return what "WWW-Authenticate" ``headers`` (list of str) ask for (Challenge): a token, if one of them does.

    >>> read_challenge(['Bearer realm="https://auth.example/token",service="registry.example"']).parameters["service"]
    'registry.example'
    """
    found: dict[str, Challenge] = {}
    for header in headers:
        if match := CHALLENGE.fullmatch(header):
            scheme = match[1].lower()
            found.setdefault(scheme, Challenge(scheme, dict(PARAMETER.findall(match[2] or ""))))
    return found.get("bearer") or found.get("basic")


def token_url(challenge: Challenge, scopes: list[str], registry: str, credentials: Credentials | None) -> str:
    """Return the address (str) where a token for these ``scopes`` (list of str) is to be had.

    What the client may do is asked for by the client, whatever the challenge says.  ``registry`` is the registry's own
    address (str).  Raises RegistryError: the challenge names no address that may be followed; AccessDenied: the
    password would go to a host of another domain.

    >>> token_url(Challenge("bearer", {"realm": "https://auth.example/token"}), ["repository:a:pull"],
    ...     "https://registry.example", None)
    'https://auth.example/token?scope=repository%3Aa%3Apull'
    """
    realm = challenge.parameters.get("realm", "")
    if not realm:
        raise RegistryError(
            _("the registry at {registry} wants a token, and does not say from where.").format(registry=registry)
        )
    url = checked_url(realm, registry)
    if credentials and not same_site(registry, url):
        raise AccessDenied(
            _("the registry at {registry} wants its password sent to '{realm}', another host; it was not sent.").format(
                registry=registry, realm=shown(realm)[:200]
            )
        )
    service = challenge.parameters.get("service", "")
    query = [("service", service)] if service else []
    query += [("scope", scope) for scope in scopes]
    if credentials:
        query.append(("account", credentials.username))
    parts = urlsplit(url)
    return parts._replace(query="&".join(filter(None, [parts.query, urlencode(query)])), fragment="").geturl()


def read_token(data: bytes, where: str) -> str:
    """Return the token (str) in the answer of a token server (bytes).  Raises RegistryError, InvalidDocument.

    >>> read_token(b'{"token": "abc.def"}', "auth.example")
    'abc.def'
    """
    answer = read_document(data, where)
    token: str = document.field(answer, "token", str, where) or document.field(answer, "access_token", str, where)
    if not TOKEN.fullmatch(token):
        raise RegistryError(_("{where}: gives no token that can be used.").format(where=where))
    return token
