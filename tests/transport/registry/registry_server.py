"""A registry of the tests' own on 127.0.0.1: honest by default, and it lies wherever a test wants it to."""

import gzip
import hashlib
import itertools
import json
import ssl
import threading
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from course.layers.archive import tar_bytes
from course.layers.small_image import small_image

DOCKER = "application/vnd.docker"
MANIFEST = f"{DOCKER}.distribution.manifest.v2+json"
INDEX = f"{DOCKER}.distribution.manifest.list.v2+json"
CONFIG = f"{DOCKER}.container.image.v1+json"
LAYER = f"{DOCKER}.image.rootfs.diff.tar.gzip"


def digest(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def descriptor(media_type, data, **more):
    return {"mediaType": media_type, "size": len(data), "digest": digest(data), **more}


@dataclass
class Answer:
    """What the server says; ``body`` may be an endless iterable, and ``raw`` goes out in place of an answer of HTTP."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def authorization(self):
        return self.headers.get("authorization", "")


@dataclass
class Content:
    """An image as a registry has it: ``greeter:1``, with a manifest to change before it is served."""

    layers: list[bytes]
    config: bytes
    media_type: str = MANIFEST
    changes: dict = field(default_factory=dict)

    @classmethod
    def greeter(cls, name="greeter:1"):
        image = small_image(name)
        return cls([gzip.compress(tar_bytes(layer), mtime=0) for layer in image.layers], image.config.raw)

    @property
    def manifest(self):
        document = {
            "schemaVersion": 2,
            "mediaType": self.media_type,
            "config": descriptor(CONFIG, self.config),
            "layers": [descriptor(LAYER, layer) for layer in self.layers],
        }
        return json.dumps(document | self.changes).encode()

    def answers(self, repository="greeter", tag="1"):
        base = f"/v2/{repository}"
        manifest = Answer(200, self.manifest, {"Content-Type": self.media_type})
        return {
            "/v2/": Answer(200, b"{}"),
            f"{base}/manifests/{tag}": manifest,
            f"{base}/manifests/{digest(self.manifest)}": manifest,
            **{f"{base}/blobs/{digest(blob)}": Answer(200, blob) for blob in (self.config, *self.layers)},
        }


def error(status, code, message="", **headers):
    said = {"code": code, "message": message, "detail": {"name": "greeter"}}  # without which docker says the code alone
    body = json.dumps({"errors": [said]}).encode()
    return Answer(status, body, {"Content-Type": "application/json"} | headers)


class RegistryServer(ThreadingHTTPServer):
    """``answers`` are by path, or by method and path: an Answer, a list of them (the last one stays), or a function."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {}
        self.requests = []
        self.stored = {}

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def serve(self, content):
        self.answers |= content.answers()
        return content

    def serve_index(self, *members):
        """Serve an index of (platform, Content) as greeter:1, and return its bytes."""
        manifests = []
        for platform, content in members:
            self.answers |= content.answers(tag="unnamed")
            os, architecture, *variant = platform.split("/")
            said = {"os": os, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
            manifests.append(descriptor(content.media_type, content.manifest, platform=said))
        data = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()
        self.answers["/v2/greeter/manifests/1"] = Answer(200, data, {"Content-Type": INDEX})
        return data

    def paths(self, method):
        return [request.path for request in self.requests if request.method == method]

    def accept_pushes(self):
        """Take blobs and manifests, as an honest registry does; what arrived is ``stored`` by digest or tag."""
        self.answers["/v2/"] = Answer(200, b"{}")
        self.answers["HEAD *"] = self._head
        self.answers["POST *"] = lambda request: Answer(202, b"", {"Location": "/v2/greeter/blobs/uploads/7?state=a"})
        self.answers["PATCH *"] = self._patch
        self.answers["PUT *"] = self._put

    def _head(self, request):
        blob = self.stored.get(request.path.rpartition("/")[2])
        return Answer(404) if blob is None else Answer(200, blob)

    def _patch(self, request):
        self.stored["partial"] = self.stored.get("partial", b"") + request.body
        return Answer(202, b"", {"Location": f"/v2/greeter/blobs/uploads/{len(self.requests)}"})

    def _put(self, request):
        query = parse_qs(urlsplit(request.path).query)
        name = query["digest"][0] if "digest" in query else request.path.rpartition("/")[2]
        self.stored[name] = self.stored.pop("partial", b"") + request.body
        return Answer(201, b"", {"Docker-Content-Digest": digest(self.stored[name])})

    def answer(self, request):
        self.requests.append(request)
        path = urlsplit(request.path).path
        for key in (f"{request.method} {path}", path, f"{request.method} *"):
            if key in self.answers:
                found = self.answers[key]
                if isinstance(found, list):
                    found = found.pop(0) if len(found) > 1 else found[0]
                return found(request) if callable(found) else found
        return error(404, "MANIFEST_UNKNOWN" if "/manifests/" in path else "BLOB_UNKNOWN", "unknown here")

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what the tests are about


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client to acknowledge its head

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.answer(Request(self.command, self.path, headers, body))
        if answer.raw is not None:
            self.wfile.write(answer.raw)
            self.close_connection = True
            return
        self.send_response(answer.status)
        is_whole = isinstance(answer.body, bytes)
        headers = {"Content-Length": str(len(answer.body))} if is_whole else {"Transfer-Encoding": "chunked"}
        for name, value in (headers | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if is_whole:
            self.wfile.write(answer.body)
            self.close_connection = "Content-Length" in answer.headers
            return
        for piece in answer.body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = respond  # noqa: N815 (http.server's names)

    def log_message(self, *arguments):
        pass


def endless(piece=bytes(1 << 16)):
    return itertools.repeat(piece)


@contextmanager
def serving(certificate=None):
    """Give a server that runs (RegistryServer), over TLS if there is a certificate with its key (path)."""
    server = RegistryServer()
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
