"""`wcn docs`: the documentation, served on this machine.

Belongs here: serving the built site. Does not belong here: building it (`make docs`).
"""

from __future__ import annotations

import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import click

from core.settings import ROOT

SITE = ROOT / "site"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A line per file is of no use to a reader."""


@click.command()
@click.option("--port", default=8000, show_default=True, help="0 takes any free one.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def docs(port: int, no_browser: bool) -> None:
    """Serve the documentation on this machine, until Ctrl-C. `make docs` builds it."""
    if not (SITE / "index.html").exists():
        raise click.ClickException(f"there is no site in {SITE}: build it with `make docs`")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(SITE)))
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used ({error}); give --port") from error
    address = f"http://127.0.0.1:{server.server_port}/"
    click.echo(f"{address} (Ctrl-C ends it)")
    if not no_browser:
        webbrowser.open(address)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()
