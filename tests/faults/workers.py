"""Real Celery workers on the test database, in a process group that a test may kill."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def environment(*, folder: Path, **values: str) -> dict[str, str]:
    """Return this process's environment, with the test's own database and a folder of its own."""
    name = connection.settings_dict["NAME"]
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    (folder / "run").mkdir(parents=True, exist_ok=True)
    return {**os.environ, "DATABASE_URL": database, "VAR_DIR": str(folder), **values}


class Workers:
    """One worker with its child processes, and beat beside them, which nobody kills alone."""

    def __init__(self, *, queues: str, processes: int, env: Mapping[str, str], log: Path) -> None:
        celery = (sys.executable, "-m", "celery", "-A", "mentorship")
        work = ("-Q", queues, "-c", str(processes), "-l", "WARNING")
        alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        self.env, self.log = dict(env), log
        self.process = self._start(*celery, "worker", *work, *alone, group=0)
        self.beat = self._start(*celery, "beat", "-l", "WARNING", group=self.process.pid)

    def _start(self, *command: str, group: int) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=group,
            )

    def kill_one(self, chance: random.Random) -> None:
        """Kill one of the processes that work, as an out-of-memory killer does."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        os.kill(chance.choice([int(pid) for pid in listed.split()]), signal.SIGKILL)

    def kill(self) -> None:
        """Do what ``kill -9 -- -PGID`` does: nobody of the group gets to say a word."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.beat.wait()


@contextmanager
def workers(*, queues: str, processes: int, env: Mapping[str, str], log: Path) -> Iterator[Workers]:
    """Start workers and kill them at the end, whatever happened."""
    group = Workers(queues=queues, processes=processes, env=env, log=log)
    try:
        yield group
    finally:
        group.kill()
