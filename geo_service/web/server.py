"""Serving the application with waitress."""

from __future__ import annotations

from typing import Any

import waitress

from geo_service.web.app import create_app
from geo_service.web.security import MAX_REQUEST_BYTES
from geo_service.workspace import Workspace


def make_server(workspace: Workspace, host: str = "127.0.0.1", port: int = 8000) -> Any:
    """Return a waitress server that already holds its port; ``run()`` serves, ``close()`` ends it.

    Args:
        workspace: the station's workspace.
        host: address to listen on.
        port: port to listen on; 0 takes a free one, found in ``effective_port``.
    """
    return waitress.create_server(
        create_app(workspace),
        host=host,
        port=port,
        threads=workspace.settings.threads,
        ident="",
        # a browser keeps some six connections open: the usual 100 would be used up by 17 of them
        connection_limit=1000,
        asyncore_use_poll=True,
        channel_timeout=60,
        max_request_header_size=32 * 1024,
        max_request_body_size=MAX_REQUEST_BYTES + 4096,
    )


def serve(workspace: Workspace, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve a workspace until the process is ended.

    Args:
        workspace: the station's workspace.
        host: address to listen on.
        port: port to listen on.
    """
    make_server(workspace, host, port).run()
