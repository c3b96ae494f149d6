"""The client: one conversation with one repository of a registry, which trusts no answer more than it must."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING

from course.errors import AccessDenied, LimitExceeded, MachineError, RegistryError
from course.layers.document import MAX_DOCUMENT
from course.layers.reference import Reference
from course.transport.registry.addresses import base_url, checked_url, origin
from course.transport.registry.authentication import Challenge, Credentials, read_challenge, read_token, token_url
from course.transport.registry.failures import refusal, unreachable
from course.words import _, shown, size

if TYPE_CHECKING:
    import httpx

MOST_REDIRECTS = 5
MOST_TRIES = 4  # of a request that the registry puts off
LONGEST_WAIT = 60  # seconds before a request is tried again
CONNECT, ANSWER = 10, 60  # seconds until a connection, and between two pieces of an answer
LONGEST_REFUSAL = 64 << 10  # bytes
BUSY = (429, 503)
REDIRECTS = (301, 302, 303, 307, 308)

Body = Callable[[], Iterable[bytes]]  # called once a try


class Registry:
    """A conversation about the repository of ``reference`` (Reference), to be used as a context manager.

    ``credentials`` (Credentials, or None) go to the registry itself and to the token server that it names in its own
    domain, and to no other host.  ``is_pull`` says which of docker's words a refusal has; a push asks for more rights,
    on the repository ``mount_from`` too (str, a path on the same registry, or empty).

    Raises RegistryError and its kin, in one sentence each; LimitExceeded: a document is too long; MachineError: this
    Python has no client for HTTP.  Rule: distribution-spec.
    """

    def __init__(
        self, reference: Reference, credentials: Credentials | None, *, is_pull: bool = True, mount_from: str = ""
    ) -> None:
        try:
            import httpx
        except ImportError as error:
            raise MachineError(
                _("{name}: no registry can be reached from here: this Python has no httpx; load an archive.").format(
                    name=reference.familiar
                )
            ) from error
        self.reference, self.is_pull = reference, is_pull
        self.base = base_url(reference)
        self.repository = f"{self.base}/v2/{reference.path}"
        self._credentials = credentials
        self._scopes = [f"repository:{reference.path}:{'pull' if is_pull else 'pull,push'}"]
        self._scopes += [f"repository:{mount_from}:pull"] if mount_from else []
        self._authorization = ""
        self._client = httpx.Client(
            timeout=httpx.Timeout(ANSWER, connect=CONNECT),
            trust_env=self.base.startswith("https:"),  # no proxy lies between this machine and itself
            headers={"User-Agent": "layer-by-layer", "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> "Registry":
        try:
            self._greet()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def _greet(self) -> None:
        """See that a registry is there, and meet its challenge before anything large travels."""
        with self.answer("GET", f"{self.base}/v2/", (200, 401, 404)) as response:
            if response.status_code == 404:
                raise RegistryError(_("{base}: there is no registry there.").format(base=self.base))

    @contextmanager
    def answer(
        self,
        method: str,
        url: str,
        expected: tuple[int, ...],
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> "Iterator[httpx.Response]":
        """Ask, and give the answer (httpx.Response, not yet read), whose status is one of those ``expected``.

        Redirects are followed, a challenge is met, and what was put off is tried again.  Raises as the class does.
        """
        import httpx

        try:
            response = self._patient(method, url, headers or {}, body)
            try:
                if response.status_code not in expected:
                    raise self._refusal(response)
                yield response
            finally:
                response.close()
        except httpx.RequestError as error:
            raise unreachable(error.request.method, str(error.request.url), error) from error
        except httpx.InvalidURL as error:
            raise RegistryError(_("'{url}' is no address: {reason}.").format(url=shown(url), reason=error)) from error

    def document(self, response: "httpx.Response", where: str) -> bytes:
        """Return the body of an answer (bytes), a JSON document of 4 MiB at most.  Raises LimitExceeded."""
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_DOCUMENT:
                raise LimitExceeded(
                    _("{where}: answers with more than {limit}, the most that a document of an image may have.").format(
                        where=where, limit=size(MAX_DOCUMENT)
                    )
                )
        return bytes(body)

    def _patient(self, method: str, url: str, headers: Mapping[str, str], body: Body | None) -> "httpx.Response":
        """Ask again when the registry puts the request off, or wants to know who asks."""
        has_met_challenge = False
        tries = 0
        while True:
            response = self._follow(method, url, headers, body)
            if response.status_code == 401 and not has_met_challenge and origin(str(response.url)) == origin(self.base):
                challenge = read_challenge(response.headers.get_list("www-authenticate"))
                refused = self._refusal(response)
                response.close()
                self._authorization = self._meet(challenge, refused)
                has_met_challenge = True
                continue
            tries += 1
            if response.status_code not in BUSY or tries == MOST_TRIES:
                return response
            seconds = _seconds_to_wait(response.headers.get("retry-after", ""), tries)
            if seconds > LONGEST_WAIT:
                return response
            response.close()
            time.sleep(seconds)

    def _follow(self, method: str, url: str, headers: Mapping[str, str], body: Body | None) -> "httpx.Response":
        """Ask, and where the answer lies elsewhere, ask there; the credentials stay with the registry."""
        for _hop in range(MOST_REDIRECTS + 1):
            is_home = origin(url) == origin(self.base)
            known = {"Authorization": self._authorization} if is_home and self._authorization else {}
            request = self._client.build_request(method, url, headers={**headers, **known}, content=body and body())
            response = self._client.send(request, stream=True, auth=None)
            if response.status_code not in REDIRECTS or method not in ("GET", "HEAD"):
                return response
            response.close()
            url = checked_url(response.headers.get("location", ""), url)
        raise RegistryError(
            _("the registry at {base} sends its client from place to place, more than {most} times.").format(
                base=self.base, most=MOST_REDIRECTS
            )
        )

    def _meet(self, challenge: Challenge | None, refused: Exception) -> str:
        """Return the header "Authorization" (str) that meets a challenge.  Raises AccessDenied, RegistryError."""
        if challenge is None:
            raise refused
        if challenge.scheme == "basic":
            if self._credentials is None:
                wanted = f"{self.repository}/manifests/{self.reference.digest or self.reference.tag}"
                raise AccessDenied((f'Head "{wanted}": ' if self.is_pull else "") + "no basic auth credentials")
            if self._authorization == self._credentials.basic:
                raise refused
            return self._credentials.basic
        where = token_url(challenge, self._scopes, self.base, self._credentials)
        headers = {"Authorization": self._credentials.basic} if self._credentials else {}
        response = self._client.send(self._client.build_request("GET", where, headers=headers), stream=True, auth=None)
        try:
            if response.status_code != 200:
                raise self._refusal(response)
            return f"Bearer {read_token(self.document(response, origin(where)), origin(where))}"
        finally:
            response.close()

    def _refusal(self, response: "httpx.Response") -> Exception:
        """Return what the answer's status and body refuse (Exception); a body that is too long says nothing."""
        body = b""
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > LONGEST_REFUSAL:
                body = b""
                break
        status, challenge = response.status_code, read_challenge(response.headers.get_list("www-authenticate"))
        if status == 401 and challenge and challenge.parameters.get("error") == "insufficient_scope":
            status, body = 403, b""  # known, but not allowed: RFC 6750, section 3.1, as docker reads it
        return refusal(status, body, self.reference, str(response.url), is_pull=self.is_pull)


def _seconds_to_wait(retry_after: str, tries: int) -> float:
    """Return the seconds until the next try (float).  Rule: RFC 9110, "Retry-After": seconds, or a date.

    >>> _seconds_to_wait("3", 1), _seconds_to_wait("", 2)
    (3.0, 2.0)
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return float(2 ** (tries - 1))
