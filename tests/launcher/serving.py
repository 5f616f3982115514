"""The whole product as `bin/serve` runs it, for tests that need it as a person has it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from mentorship.launcher import processes

READY_SECONDS = 240  # a slow machine migrates and fills the demo for two minutes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Serving:
    """One launcher in an empty environment, with a `var` of its own."""

    def __init__(self, var: Path, port: int, **env: str) -> None:
        self.var = var
        self.env = {"PATH": os.defpath, "PORT": str(port), "VAR_DIR": str(var), **env}
        self.port = port
        self.output = var.with_name("output.txt")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mentorship.launcher", "serve"],
                cwd=processes.CHECKOUT,
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait_for(lambda: "Alongside runs at" in self.said, READY_SECONDS)

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def logins(self) -> dict[str, dict[str, str]]:
        return json.loads((self.var / "demo-logins.json").read_text())

    def wait_for(self, condition, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.1)

    def answer(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def pid(self, part: str) -> int:
        return json.loads((self.var / "run" / f"{part}.pid").read_text())["pid"]

    def alive(self) -> list[str]:
        """Return the command lines of everything that this start has begun."""
        groups = {int(self.pid(note.stem)) for note in (self.var / "run").glob("*.pid")}
        return [
            found.command
            for found in processes.running()
            if found.group in groups or str(self.var) in found.command
        ]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)
