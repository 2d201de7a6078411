"""The desk on the web: one page on this machine, for whoever has its address."""

import hmac
import socket
from typing import TYPE_CHECKING, Any

from epochsieve.reviewing.answering import Question, answer
from epochsieve.reviewing.assets import KINDS, list_assets, read_asset
from epochsieve.reviewing.desk import Desk
from epochsieve.vocabulary.errors import SettingError

if TYPE_CHECKING:
    from starlette.applications import Starlette

HOST = "127.0.0.1"
"""The page is served to this machine only; an ssh tunnel or JupyterHub's proxy brings it further."""

FIRST_PORT, PORTS = 8365, 20
"""Where no port is asked for, the first free one of these is taken."""

LARGEST_BODY = 10_000
"""Bytes that the page may send at once."""

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}

_STRANGER = """<!doctype html><meta charset="utf-8"><title>epochsieve review</title>
<p>This address lacks the token of the running server. Open the whole address that <code>epochsieve review</code>
printed; verdicts that still wait in this browser are sent from there.</p>
"""


def make_app(desk: Desk, token: str) -> "Starlette":
    """Make the web application.

    Parameters
    ----------
    desk : Desk
        What is reviewed.
    token : str
        What the address must hold.

    Returns
    -------
    starlette.applications.Starlette
        All its addresses are relative, so that it may stand behind a proxy at any path.

    Raises
    ------
    SettingError
        Where Starlette is not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import Request
        from starlette.responses import Response
        from starlette.routing import Route
    except ImportError:
        raise _say_what_is_missing() from None

    def respond(body: bytes, kind: str, status: int = 200, **headers: str) -> Response:
        """Make a response with the headers that all have."""
        return Response(body, status, {"content-type": kind, **_HEADERS, **headers})

    def knows(request: Request) -> bool:
        """Tell whether a request brings the token."""
        brought = request.headers.get("x-token") or request.query_params.get("token", "")
        return hmac.compare_digest(brought.encode(), token.encode())

    async def show_page(request: Request) -> Response:
        """Give the page itself."""
        if not knows(request):
            return respond(_STRANGER.encode(), "text/html; charset=utf-8", 403)
        return respond(read_asset("index.html"), "text/html; charset=utf-8")

    async def send_asset(request: Request) -> Response:
        """Give a module or the style sheet; they hold no data, and whoever has the package has them."""
        name = request.path_params["name"]
        if name not in list_assets():
            return respond(b"not here", "text/plain", 404)
        return respond(read_asset(name), f"{KINDS[name[name.rindex('.') :]]}; charset=utf-8")

    async def ask(request: Request) -> Response:
        """Put a question to the desk."""
        if not knows(request):
            return respond(b'{"error":"this address has no valid token"}', "application/json", 403)
        body = await _read_body(request)
        question = Question(request.method, request.path_params["path"], dict(request.query_params), body)
        said = await run_in_threadpool(answer, desk, question)
        return Response(said.body, said.status, {**_HEADERS, **said.headers})

    routes = [
        Route("/", show_page),
        Route("/page/{name}", send_asset),
        Route("/api/{path:path}", ask, methods=["GET", "POST"]),
    ]
    return Starlette(routes=routes)


def take_port(port: int | None) -> socket.socket:
    """Take a port of this machine.

    Parameters
    ----------
    port : int or None
        Which; 0 for any that is free, None for the first free one from 8365 on.

    Returns
    -------
    socket.socket
        Whoever connects waits until `serve` answers.

    Raises
    ------
    SettingError
        Where the port is taken.
    """
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else [port]:
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, candidate))
            taken.listen()
        except OSError as error:
            taken.close()
            reason = error.strerror or str(error)
        else:
            return taken
    raise SettingError(
        f"can't serve at port {FIRST_PORT if port is None else port}: {reason}; choose another with --port"
    )


def serve(app: "Starlette", taken: socket.socket) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    app : starlette.applications.Starlette
        From `make_app`.
    taken : socket.socket
        From `take_port`.
    """
    try:
        import uvicorn
    except ImportError:
        raise _say_what_is_missing() from None
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[taken])


async def _read_body(request: Any) -> bytes:
    """Read what the page sends, up to the little that it may."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return b""
    return body


def _say_what_is_missing() -> SettingError:
    """Say how to get what the server is made of."""
    return SettingError("the page needs Starlette and uvicorn: python -m pip install 'epochsieve[review]'")
