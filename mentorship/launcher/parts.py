"""What runs beside the servers: web, three workers, beat."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import processes

PYTHON = sys.executable
GRACE_SECONDS = 30
WEB_WORKERS = 2
WEB_THREADS = 4
HEAVY_KIBIBYTES = 3_000_000


@dataclass(frozen=True)
class Part:
    """One process that is started, watched and asked to stop."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    pass_fds: tuple[int, ...] = ()

    @property
    def signature(self) -> str:
        return self.command[0]

    def start(self) -> subprocess.Popen[bytes]:
        return processes.spawn(self.command, env=self.env, log=self.log, pass_fds=self.pass_fds)


def web(*, env: Mapping[str, str], logs: Path, listener: int) -> Part:
    """Return the web server; it inherits the listening socket, so a restart refuses nobody."""
    command = [
        *("gunicorn", "mentorship.wsgi:application", "--bind", f"fd://{listener}"),
        *("--workers", str(WEB_WORKERS), "--worker-class", "gthread"),
        *("--threads", str(WEB_THREADS), "--preload", "--timeout", "60"),
        *("--graceful-timeout", str(GRACE_SECONDS - 5), "--no-control-socket"),
    ]
    return Part(
        name="web",
        command=(PYTHON, "-m", *command),
        env=env,
        log=logs / "web.log",
        pass_fds=(listener,),
    )


def worker(
    queue: str, *options: str, env: Mapping[str, str], logs: Path, beside: tuple[str, ...] = ()
) -> Part:
    queues = ",".join((queue, *beside))
    command = [
        *("celery", "-A", "mentorship", "worker", "-Q", queues, "-n", f"{queue}@%h"),
        *("--pool", "prefork", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        *options,
    ]
    return Part(
        name=f"worker-{queue}",
        command=(PYTHON, "-m", *command),
        env=env,
        log=logs / f"worker-{queue}.log",
    )


def background(*, env: Mapping[str, str], logs: Path) -> list[Part]:
    """Return workers and beat.

    A pairing in `heavy` delays no mail, and many mails in `mail` no "I need help" in `urgent`.
    """
    memory = f"--max-memory-per-child={HEAVY_KIBIBYTES}"
    beat = ("celery", "-A", "mentorship", "beat", "--loglevel", "INFO", "--pidfile=")
    return [
        worker("mail", "--concurrency=2", env=env, logs=logs),
        worker("default", "--concurrency=2", env=env, logs=logs, beside=("urgent",)),
        worker("heavy", "--concurrency=1", memory, env=env, logs=logs),
        Part(
            name="beat",
            command=(PYTHON, "-m", *beat),
            env=env,
            log=logs / "beat.log",
        ),
    ]
