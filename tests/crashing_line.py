"""A line to PostgreSQL that ends as in a crash of the server: it says so, and is cut."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

# The fields of a NoticeResponse of PostgreSQL's protocol; 57P02 is "crash shutdown".
WORDS = b"SWARNING\0VWARNING\0C57P02\0Mterminating connection because of crash\0\0"
LAST_WORDS = b"N" + struct.pack("!I", len(WORDS) + 4) + WORDS


class CrashingLine:
    """Carries the bytes of one session, until it crashes."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=carry, args=(source, target), daemon=True).start()

    def crash(self) -> None:
        """Say the server's last words and cut the line, as if nobody was there any more."""
        self.near.sendall(LAST_WORDS)
        self.near.shutdown(socket.SHUT_RDWR)
        self.far.shutdown(socket.SHUT_RDWR)


def carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


@contextmanager
def crashing_line() -> Iterator[CrashingLine]:
    """Connect Django through a socket of its own; who connects anew connects straight."""
    old = dict(connection.settings_dict)
    port = str(connection.get_connection_params().get("port") or 5432)
    connection.close()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{folder}/.s.PGSQL.{port}")
        door.listen()
        lines: list[CrashingLine] = []
        guest = threading.Thread(target=lambda: lines.append(admit(door, old["HOST"], int(port))))
        guest.start()
        try:
            connection.settings_dict["HOST"] = folder
            connection.ensure_connection()
        finally:
            connection.settings_dict["HOST"] = old["HOST"]
        guest.join()
        yield lines[0]
        connection.close()


def admit(door: socket.socket, host: str, port: int) -> CrashingLine:
    near, _ = door.accept()
    if host.startswith("/"):
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(Path(host) / f".s.PGSQL.{port}"))
    else:
        far = socket.create_connection((host or "localhost", port))
    return CrashingLine(near, far)
