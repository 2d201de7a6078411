"""An S3 store of this machine: moto's, with a door before it that counts requests and lets some of them fail."""

import threading
from collections import Counter

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class _Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, *_args):
        """Keep silent."""


class Server:
    """The store, while the context lasts. Paths are as in requests: ``/bucket/key``."""

    def __init__(self):
        self.requests = []
        self.signed = 0
        self.cut = Counter()
        self.denied = set()
        self.after = _do_nothing
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def environment(self):
        """What the store's users set."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @property
    def files(self):
        """The store, as fsspec opens it."""
        import fsspec

        return fsspec.filesystem("s3", use_listings_cache=False)

    def clear(self):
        """Leave nothing but an empty bucket; forget requests and faults."""
        self.cut.clear()
        self.denied.clear()
        self.after = _do_nothing
        if not self.files.exists("survey"):
            self.files.mkdir("survey")
        keys = self.files.find("survey")
        if keys:
            self.files.rm(keys)
        self.requests.clear()
        self.signed = 0

    def put(self, folder):
        """Put a folder into the bucket, and say where it is."""
        self.files.put(f"{folder}/", "survey/in", recursive=True)
        self.requests.clear()
        return "s3://survey/in"

    def count(self, method, word):
        """Count the requests of a kind whose target holds a word."""
        return sum(kind == method and word in target for kind, target in self.requests)

    def _answer(self, environ, start_response):
        """Answer as moto does, or as a store does that fails."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        target = f"{path}?{environ['QUERY_STRING']}"
        self.requests.append((method, target))
        self.signed += "HTTP_AUTHORIZATION" in environ
        if path in self.denied:
            start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(DENIED)))])
            return [DENIED if method != "HEAD" else b""]
        answer = self._moto(environ, start_response)
        self.after(target)
        if method == "GET" and self.cut[path] > 0:
            self.cut[path] -= 1
            return _cut(answer)
        return answer


def _do_nothing(_target):
    """Do it."""


def _cut(answer):
    """Give half of an answer, and hang up."""
    whole = b"".join(answer)
    yield whole[: len(whole) // 2]
    raise ConnectionAbortedError
