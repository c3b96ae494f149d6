"""Failures: what keeps a client from an answer, or what the answer refuses, in one sentence, docker's where it has one.

Rule: distribution-spec, "Error Codes"; the words are those of moby's distribution/errors.go and of Go's net package.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING

from course.errors import AccessDenied, InvalidDocument, NotInRegistry, RegistryError, RegistryUnreachable
from course.layers.document import read_document
from course.layers.reference import Reference
from course.transport.registry.addresses import origin
from course.words import shown

if TYPE_CHECKING:
    import httpx

LONGEST = 300  # characters of a stranger's words that are repeated
UNSAID = {  # what a status means where the body does not say it
    401: ("UNAUTHORIZED", "unauthorized: authentication required"),
    403: ("DENIED", "denied: requested access to the resource is denied"),
    404: ("MANIFEST_UNKNOWN", "manifest unknown: manifest unknown"),
}


def refusal(status: int, body: bytes, reference: Reference, url: str, *, is_pull: bool) -> RegistryError:
    """Return what an answer from ``url`` (str) with such a ``status`` (int) and ``body`` (bytes) means (RegistryError).

    >>> body = b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}'
    >>> print(refusal(404, body, Reference.parse("greeter:9"), "", is_pull=True))
    manifest for greeter:9 not found: manifest unknown: manifest unknown
    """
    code, said = _first_error(body)
    if not code and (status != 404 or "/manifests/" in url):
        code, said = UNSAID.get(status, ("", ""))
    name = reference.familiar_name
    if code == "UNAUTHORIZED":
        return AccessDenied(said)
    if code == "DENIED":
        advice = f"pull access denied for {name}, repository does not exist or may require 'docker login': "
        return AccessDenied((advice if is_pull else "") + said)
    if code == "MANIFEST_UNKNOWN":
        return NotInRegistry((f"manifest for {reference.familiar} not found: " if is_pull else "") + said)
    if code == "NAME_UNKNOWN":
        return NotInRegistry((f"repository {name} not found: " if is_pull else "") + said)
    if status == 404:
        return NotInRegistry(said or f"{shown(url)[:LONGEST]}: 404 Not Found")
    return RegistryError(said or f"received unexpected HTTP status: {status} {_phrase(status)}".rstrip())


def _first_error(body: bytes) -> tuple[str, str]:
    """Return code and words of the first error that a body (bytes) tells of (str, str), empty if it is no such body."""
    try:
        errors = read_document(body, "").get("errors")
    except InvalidDocument:
        return "", ""
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(code, str):
        return "", ""
    message = first.get("message")
    kind = shown(code.lower().replace("_", " "))[:LONGEST]
    return code, f"{kind}: {shown(message)[:LONGEST]}" if isinstance(message, str) and message else kind


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def unreachable(method: str, url: str, error: "httpx.RequestError") -> RegistryError:
    """Return why a request (its ``method`` and ``url``, str) had no whole answer (RegistryError), in Go's words."""
    address = origin(url).partition("//")[2]
    return RegistryUnreachable(f'{method.capitalize()} "{shown(url)[:LONGEST]}": {_reason(error, address)}')


def _reason(error: BaseException, address: str) -> str:
    import socket
    import ssl  # not in a browser

    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"tls: failed to verify certificate: x509: {cause.verify_message.rstrip('.')}"
        if isinstance(cause, ssl.SSLError):
            is_plain = cause.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
            return "http: server gave HTTP response to HTTPS client" if is_plain else f"tls: {cause.reason}"
        if isinstance(cause, socket.gaierror):
            return f"dial tcp: lookup {address.rpartition(':')[0]}: no such host"
        if isinstance(cause, OSError) and isinstance(error, httpx.ConnectError):
            return f"dial tcp {address}: connect: {(cause.strerror or str(cause)).lower()}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
        return (
            "unexpected EOF"
            if "closed" in str(error)
            else f"net/http: malformed HTTP response: {shown(str(error))[:LONGEST]}"
        )
    return "EOF"
