"""TLS in front of the server: takes connections, opens their seal, and hands the plain bytes to waitress on this computer.

waitress speaks no TLS. The front works on one event loop, so a visitor who is slow with the handshake or the request keeps no
thread busy; requests, limits and time-outs stay those of waitress. Nothing of HTTP is read here: whose connection it is, waitress
learns from the number of the port on which the front called it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

LOG = logging.getLogger(__name__)
MOST_CONNECTIONS = 500
HANDSHAKE_S = 10.0
LAST_WORDS_S = 3.0
_BLOCK = 64 * 1024
Peer = tuple[str, int]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TlsFront:
    """Takes TLS connections on a socket and hands their content to a server on this computer.

    Args:
        listening: the bound socket that browsers reach.
        context: the TLS context.
        target: address and port of the server behind.
    """

    def __init__(self, listening: socket.socket, context: ssl.SSLContext, target: Peer) -> None:
        self._listening = listening
        self._context = context
        self._target = target
        self._peers: dict[int, Peer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tls-front", daemon=True)

    @property
    def peers(self) -> dict[int, Peer]:
        """Who stands behind each open connection to the server, by the port of this end."""
        return self._peers

    def start(self) -> None:
        """Take connections from now on."""
        self._thread.start()
        self._begun.wait()

    def stop_listening(self) -> None:
        """Take no more connections; those that are open go on."""
        self._loop.call_soon_threadsafe(self._stop_listening)

    def close(self) -> None:
        """End all connections."""
        if not self._thread.is_alive():
            self._listening.close()
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2 * LAST_WORDS_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(_note)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(
                self._take, sock=self._listening, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=5.0, limit=_BLOCK, backlog=1024,
            )
        )  # fmt: skip
        self._begun.set()
        try:
            self._loop.run_forever()
        finally:
            self._stop_listening()
            self._loop.run_until_complete(self._end())
            self._loop.close()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _end(self) -> None:
        """Let what the server has answered still reach the browsers, then end what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername") or ("", 0)
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*self._target, limit=_BLOCK)
        except OSError:
            writer.transport.abort()
            return
        port = inner_writer.get_extra_info("sockname")[1]
        self._peers[port] = (str(peer[0]), int(peer[1]))
        ways = [
            asyncio.ensure_future(_pump(reader, inner_writer)),
            asyncio.ensure_future(_pump(inner_reader, writer)),
        ]
        try:
            # the server ends a connection by closing it; a browser that closes wants no more answers
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._peers.pop(port, None)
            for one in (inner_writer, writer):
                one.close()
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 5)


def behind_front(application: Application, peers: dict[int, Peer], public_port: int) -> Application:
    """Return an application that sees who stands before the front, and serves nobody who came round it.

    Args:
        application: the application.
        peers: `TlsFront.peers`.
        public_port: the port that browsers reach.
    """

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        peer = peers.get(int(environ.get("REMOTE_PORT") or 0))
        if peer is None:
            start_response("421 Misdirected Request", [("Content-Type", "text/plain")])
            return [b"use https\n"]
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = peer[0], str(peer[1])
        environ["REMOTE_HOST"] = peer[0]
        environ["wsgi.url_scheme"] = "https"
        environ["HTTPS"] = "on"
        environ["SERVER_PORT"] = str(public_port)
        return application(environ, start_response)

    return wrapped


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(_BLOCK):
            writer.write(data)
            await writer.drain()


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Broken handshakes are everyday: browsers that do not trust the certificate, plain HTTP, scanners."""
    error = context.get("exception")
    if not isinstance(error, (OSError, ssl.SSLError)):
        LOG.error("tls front: %s", context.get("message"), exc_info=error)
