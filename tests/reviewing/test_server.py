import http.client
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs the extra review")
uvicorn = pytest.importorskip("uvicorn", reason="needs the extra review")

from epochsieve.jobs.reviewing import open_desk  # noqa: E402
from epochsieve.reviewing.assets import list_assets  # noqa: E402
from epochsieve.reviewing.server import make_app, take_port  # noqa: E402
from epochsieve.vocabulary.errors import SettingError  # noqa: E402


@pytest.fixture
def port(results: Path) -> Iterator[int]:
    taken = take_port(0)
    server = uvicorn.Server(
        uvicorn.Config(make_app(open_desk(results, "ada"), "right"), log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield taken.getsockname()[1]
    server.should_exit = True
    thread.join()
    taken.close()


def request(port: int, path: str, token: str = "", method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"x-token": token} if token else {})
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


def test_the_page_and_every_answer_ask_for_the_token_and_its_files_do_not(port: int) -> None:
    assert request(port, "/?token=right")[0] == 200
    assert request(port, "/api/summary", "right")[0] == 200
    for path in ("/", "/?token=wrong", "/?token=", "/api/summary", "/api/objects/0/pixels?kind=epoch"):
        assert request(port, path)[0] == 403
    assert request(port, "/api/summary", "wrong")[0] == 403
    assert request(port, "/api/summary", "r\xefght")[0] == 403
    assert request(port, "/api/undo", "wrong", "POST", b"{}")[0] == 403
    assert request(port, "/page/main.js")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *["/page/../verdicts.sqlite", "/page/..%2f..%2fserver.py", "/page/%2e%2e/server.py", "/page/__init__.py"],
        *[
            "/page/....//server.py",
            "/verdicts.sqlite",
            "/../run.json",
            "/api/../run.json",
            "/api/objects/..%2f..%2frun.json",
        ],
        *["/api/objects/0/..%2f..%2f..%2fetc%2fpasswd", "/page//etc/passwd", "/page/C:%5Cwindows", "/page/main.js%00"],
    ],
)
def test_no_path_leaves_the_page(port: int, path: str) -> None:
    status, body = request(port, path, "right")
    assert status == 404
    assert len(body) < 100


def test_every_file_that_the_page_names_is_served(port: int) -> None:
    page = request(port, "/?token=right")[1].decode()
    for name in list_assets():
        status, body = request(port, f"/page/{name}")
        assert (status, bool(body)) == (200, True)
    assert {name for name in list_assets() if f"page/{name}" not in page} == {"index.html", "widget.js"}
    assert 'src="/' not in page
    assert 'href="/' not in page


def test_other_methods_and_too_much_content_are_refused(port: int) -> None:
    assert request(port, "/api/summary", "right", "DELETE")[0] == 405
    assert request(port, "/api/summary", "right", "POST")[0] == 404
    assert request(port, "/api/verdicts", "right", "POST", json.dumps({"x": "y" * 20_000}).encode())[0] == 400


def test_a_port_that_is_taken_is_a_clear_error_and_the_next_one_is_taken_where_none_was_asked_for() -> None:
    with take_port(0) as taken, pytest.raises(SettingError, match="choose another with --port"):
        take_port(taken.getsockname()[1])
    with take_port(None) as first, take_port(None) as second:
        assert second.getsockname()[1] != first.getsockname()[1]
