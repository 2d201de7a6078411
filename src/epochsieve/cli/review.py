"""A page on which epochs are looked at and decided about."""

from typing import Annotated

import typer

from epochsieve.cli.options import ResultsFolder, Verbose
from epochsieve.cli.speaking import speak


def review(
    results: ResultsFolder,
    port: Annotated[
        int | None, typer.Option(help="Port of this machine; 0 for any.  [default: the first free one from 8365 on]")
    ] = None,
    person: Annotated[
        str, typer.Option(metavar="NAME", help="Who gives the verdicts.  [default: your user name]")
    ] = "",
    verbose: Verbose = False,
) -> None:
    """Look at epochs in a browser, and say which are bad; Ctrl-C ends it.

    The page is served to this machine only, at the address that is printed; from elsewhere, ssh -L 8365:localhost:8365
    brings it near. The address holds a token, another one each time unless the environment's EPOCHSIEVE_TOKEN gives it.
    """
    with speak(verbose):
        import os
        import secrets
        from threading import Thread

        from epochsieve.jobs.reviewing import open_desk
        from epochsieve.reviewing.server import HOST, make_app, serve, take_port

        token = os.environ.get("EPOCHSIEVE_TOKEN") or secrets.token_urlsafe(16)
        with take_port(port) as taken:
            desk = open_desk(results, person)
            Thread(target=desk.warm_up, daemon=True).start()
            typer.echo(f"http://{HOST}:{taken.getsockname()[1]}/?token={token}")
            try:
                serve(make_app(desk, token), taken)
            except KeyboardInterrupt:
                typer.echo(f"verdicts are in {desk.book.path}" if desk.book.exists else "no verdicts", err=True)
