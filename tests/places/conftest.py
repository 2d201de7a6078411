"""The same few objects on this machine, in memory and in an S3 store of this machine."""

import shutil
import sys
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

sys.path.insert(0, str(Path(__file__).parent))


class _Quiet(SimpleHTTPRequestHandler):
    """Logs nothing, and hangs up where it is told to."""

    cut: Counter

    def copyfile(self, source, outputfile):
        """Give a file, or half of it."""
        if self.cut[self.path] > 0:
            self.cut[self.path] -= 1
            outputfile.write(source.read(1000))
        else:
            super().copyfile(source, outputfile)

    def log_message(self, *_):
        """Keep silent."""


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """Four small objects, each with a stack and five epochs; one epoch is no image."""
    from objects import write_objects

    return write_objects(tmp_path_factory.mktemp("survey") / "in", 4)


@pytest.fixture(scope="session")
def server():
    """An S3 store that counts requests, and fails where it is told to."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto.server")
    from s3_server import Server

    with Server() as server:
        yield server


@pytest.fixture
def s3(server, monkeypatch):
    """The store with an empty bucket called survey, as the environment names it."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    server.clear()
    return server


@pytest.fixture
def memory(request):
    """An empty store in memory."""
    files = pytest.importorskip("fsspec").filesystem("memory")
    files.rm("/", recursive=True)
    yield files
    files.rm("/", recursive=True)


@pytest.fixture
def web():
    """Offers a folder on the web, as archives do, and says where; it knows no ranges of bytes.

    Its attribute `cut` says of how many answers for a path only half is given.
    """
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    servers = []

    def offer(folder):
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    offer.cut = _Quiet.cut = Counter()
    yield offer
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["local", "memory", "s3", "web"])
def put(request, tmp_path):
    """Puts a folder into a store, and says where it is there."""
    if request.param == "web":
        return request.getfixturevalue("web")
    if request.param == "s3":
        return request.getfixturevalue("s3").put
    if request.param == "local":
        return lambda folder: str(shutil.copytree(folder, tmp_path / "local"))
    files = request.getfixturevalue("memory")

    def put_into_memory(folder):
        files.put(f"{folder}/", "/survey/in", recursive=True)
        return "memory://survey/in"

    return put_into_memory


@pytest.fixture
def no_waits(monkeypatch):
    """Ask again at once."""
    from epochsieve.places import stores

    monkeypatch.setattr(stores, "WAITS", (0.0, 0.0))
