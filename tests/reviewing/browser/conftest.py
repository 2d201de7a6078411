"""One browser for all of these tests, and a server for each module."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from epochsieve.jobs.reviewing import open_desk
from epochsieve.reviewing.server import make_app, take_port

PATIENCE = 30_000
"""Milliseconds to wait for what must happen; machines may be busy."""


def find_chromium() -> str:
    """Find the browser that the system has, or that EPOCHSIEVE_CHROMIUM names."""
    return os.environ.get("EPOCHSIEVE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
    executable = find_chromium()
    if not executable:
        pytest.skip("no chromium: install it, or name it in EPOCHSIEVE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve results folders in threads; gives their address."""
    uvicorn = pytest.importorskip("uvicorn", reason="needs the extra review")
    running: list[tuple[Any, threading.Thread, Any]] = []

    def start(results: Path) -> str:
        taken = take_port(0)
        app = make_app(open_desk(results, "ada"), "right")
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        running.append((server, thread, taken))
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        return f"http://127.0.0.1:{taken.getsockname()[1]}/?token=right"

    yield start
    for server, thread, taken in running:
        server.should_exit = True
        thread.join()
        taken.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open an address in a window of its own, and make sure that the page complained of nothing."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def go(address: str, context: Any = None, **options: Any) -> Any:
        if context is None:
            context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
            context.set_default_timeout(PATIENCE)
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.wait_for_selector("[data-ready=yes]")
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []
