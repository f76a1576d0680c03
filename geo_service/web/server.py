"""Serving the application with waitress, alone with TLS files or behind a reverse proxy."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import waitress

from geo_service.tls_files import tls_context
from geo_service.web.app import create_app
from geo_service.web.bodies import channel_for
from geo_service.web.security import MAX_REQUEST_BYTES
from geo_service.web.tls_front import TlsFront, behind_front
from geo_service.workspace import Workspace

LONGEST_DRAIN_S = 10.0
_PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}


class Server:
    """A server that already holds its port: `run` serves until `stop`, `close` gives the port back.

    Args:
        workspace: the station's workspace.
        host: address to listen on.
        port: port to listen on; 0 takes a free one, found in `effective_port`.

    Raises:
        OSError: the port is taken, or the address is none of this computer.
        InputError: the TLS files cannot be used.
    """

    def __init__(self, workspace: Workspace, host: str, port: int) -> None:
        settings = workspace.settings
        context = tls_context(settings, Path(workspace.folder))
        self.app = create_app(workspace)
        self._stopping = False
        listening = _bound(host, port)
        self.effective_host, self.effective_port = listening.getsockname()[:2]
        self.scheme = "http" if context is None else "https"
        self._front: TlsFront | None = None
        application: Any = self.app
        try:
            if context is not None:
                inner = _bound("127.0.0.1", 0)
                listening.listen(1024)  # whoever comes before the front begins waits, as with waitress alone
                self._front = TlsFront(listening, context, inner.getsockname()[:2])
                application = behind_front(application, self._front.peers, self.effective_port)
                listening = inner
            proxied: dict[str, Any] = {}
            if settings.trusted_proxy:
                proxied = {
                    "trusted_proxy": settings.trusted_proxy,
                    "trusted_proxy_headers": _PROXY_HEADERS,
                }
            self._inner: Any = waitress.create_server(
                application,
                sockets=[listening],
                threads=settings.threads,
                ident="",
                # a browser keeps some six connections open: the usual 100 would be used up by 17 of them
                connection_limit=1000,
                asyncore_use_poll=True,
                channel_timeout=60,
                max_request_header_size=32 * 1024,
                max_request_body_size=MAX_REQUEST_BYTES + 4096,
                # what others claim of addresses is dropped, whether there is a proxy or not
                clear_untrusted_proxy_headers=True,
                **proxied,
            )
            # views that take files take more than the rest, and only from those who are logged in
            self._inner.channel_class = channel_for(self.app)
        except BaseException:
            listening.close()
            raise

    def run(self) -> None:
        """Serve until `stop`, Ctrl+C or the end of the process; then answer what was asked, for ten seconds at most."""
        if self._front is not None:
            self._front.start()
        try:
            while not self._stopping:
                self._loop(1.0)
        except (KeyboardInterrupt, SystemExit):
            """A second one, while answers are given, ends it at once."""
        self._drain()

    def stop(self) -> None:
        """End `run` soon; may be called by a handler of a signal or another thread."""
        self._stopping = True
        self._inner.pull_trigger()

    def close(self) -> None:
        """Give the port back and end all connections."""
        self._inner.task_dispatcher.shutdown(timeout=1)
        self._inner.asyncore.close_all(self._inner._map, ignore_all=True)  # noqa: SLF001 - the trigger is in it, too
        self._inner.socket.close()
        if self._front is not None:
            self._front.close()

    def _loop(self, seconds: float) -> None:
        self._inner.asyncore.loop(timeout=seconds, map=self._inner._map, use_poll=True, count=1)  # noqa: SLF001 - as its own run()

    def _drain(self) -> None:
        """Take nobody new, and finish the answers that were begun."""
        if self._front is not None:
            self._front.stop_listening()
        self._inner.accepting = False
        self._inner.socket.close()
        self._inner.del_channel()
        until = time.monotonic() + LONGEST_DRAIN_S
        while time.monotonic() < until and any(
            one.requests or one.total_outbufs_len for one in [*self._inner.active_channels.values()]
        ):
            self._loop(0.05)


def make_server(workspace: Workspace, host: str = "127.0.0.1", port: int = 8000) -> Server:
    """Return a server that already holds its port; ``run()`` serves, ``close()`` ends it.

    Args:
        workspace: the station's workspace.
        host: address to listen on.
        port: port to listen on; 0 takes a free one, found in ``effective_port``.
    """
    return Server(workspace, host, port)


def serve(workspace: Workspace, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve a workspace until the process is ended.

    Args:
        workspace: the station's workspace.
        host: address to listen on.
        port: port to listen on.
    """
    make_server(workspace, host, port).run()


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket on an address that nobody else can take as well."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    made = socket.socket(family, kind, protocol)
    try:
        if os.name == "nt":
            # there, SO_REUSEADDR would let two servers share one port, and each get half of the requests
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
