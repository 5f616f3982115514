"""`bin/serve`: from a checkout to a running site."""

import contextlib
import fcntl
import http.client
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from . import environment, folders, leftovers, parts, ports, postgres, processes, servers
from .announce import announce
from .console import last_lines, say, say_with_time
from .credentials import Credentials, load_or_create, write_private
from .problem import Problem
from .stopping import StopRequest, StopRequested
from .supervise import Supervisor, Watched

LIVE_SECONDS = 90
WEB_ATTEMPTS = 3
BIG_LOG_BYTES = 10_000_000


def serve() -> int:
    """Run the site until somebody stops it; return the exit status."""
    started_at = time.monotonic()
    os.umask(0o077)
    stop = StopRequest()
    stop.listen()
    var = folders.var_folder()
    for name in ("log", "mail", "media"):
        folders.own_folder(var / name)
    run_folder = folders.own_folder(var / "run", mode=folders.PASSABLE)
    host, port = ports.wanted_address()
    with only_one(run_folder / "serve.lock", host=host, port=port):
        for name in leftovers.end_leftovers(run_folder):
            say(f"Ended {name}, left behind by an earlier start.")
        ports.listen(host, port).close()
        _shorten_logs(var / "log")
        supervisor = Supervisor(run_folder=run_folder, stop=stop)
        site = Site(var=var, host=host, port=port, supervisor=supervisor, stop=stop)
        try:
            with contextlib.suppress(StopRequested):
                site.start(started_at)
                supervisor.run_until_stopped()
            say("\nStopping: running jobs finish or hand back, at most 30 s ...")
        finally:
            site.end()
        say("Everything has stopped; the data stays.")
    return 0


@contextlib.contextmanager
def only_one(lock: Path, *, host: str, port: int) -> Iterator[None]:
    """Hold the folder for one launcher; the lock goes with the process, however it ends."""
    with lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            where = file.read().strip() or "another address"
            ports.listen(host, port).close()
            raise Problem(
                f"Alongside already runs from this folder, at {where}. Stop it first,"
                " or give this one a folder of its own: VAR_DIR=/some/folder bin/serve"
            ) from None
        file.truncate(0)
        file.write(f"{ports.site_address(host, port)} (process {os.getpid()})")
        file.flush()
        yield


def _shorten_logs(folder: Path) -> None:
    """Keep one earlier log of each part, so that logs never fill the disk unseen."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > BIG_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


class Site:
    """Everything of one start, in the order in which it comes up."""

    def __init__(
        self, *, var: Path, host: str, port: int, supervisor: Supervisor, stop: StopRequest
    ) -> None:
        self.var = var
        self.host = host
        self.port = port
        self.supervisor = supervisor
        self.stop = stop
        self.servers: servers.Servers | None = None
        self.note = var / "run" / "environment.json"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    def start(self, started_at: float) -> None:
        credentials = load_or_create(self.var / "secrets.json")
        say_with_time("Starting PostgreSQL and Valkey ...")
        self.servers = servers.start(
            var=self.var,
            credentials=credentials,
            supervisor=self.supervisor,
            stop=self.stop,
            settings=postgres.DURABLE,
            obey_environment=True,
        )
        env = self._environment(credentials, self.servers.urls)
        self._prepare(env)
        self._start_web(env)
        for part in parts.background(env=env, logs=self.logs):
            self.supervisor.start(part)
        announce(
            env=env,
            var=self.var,
            servers=self.servers,
            seconds=time.monotonic() - started_at,
        )

    def _environment(self, credentials: Credentials, urls: Mapping[str, str]) -> dict[str, str]:
        env = environment.for_serve(
            var=self.var,
            credentials=credentials,
            address=ports.site_address(self.host, self.port),
            host=self.host,
            servers=urls,
        )
        product = {name: env[name] for name in environment.PRODUCT_VARIABLES if name in env}
        write_private(self.note, json.dumps({**product, **environment.FIXED}, indent=2) + "\n")
        return env

    def _prepare(self, env: Mapping[str, str]) -> None:
        say_with_time("Bringing the database, the static files and the demo up to date ...")
        log = self.logs / "prepare.log"
        log.unlink(missing_ok=True)
        status = processes.run(
            [parts.PYTHON, "-m", "mentorship.launcher", "prepare"],
            env=env,
            log=log,
            stop=self.stop,
        )
        if status != 0:
            raise Problem(f"The start failed. The end of {log}:\n{last_lines(log)}")

    def _start_web(self, env: Mapping[str, str]) -> None:
        say_with_time("Starting web, workers and beat ...")
        # Never closed: every later start of the web server inherits it again.
        number = ports.listen(self.host, self.port).detach()
        web = self.supervisor.start(parts.web(env=env, logs=self.logs, listener=number))
        deadline = time.monotonic() + LIVE_SECONDS
        while not is_live(self.host, self.port, env["BASE_URL"]):
            self._give_up_if_hopeless(web, is_late=time.monotonic() > deadline)
            self.supervisor.look()
            self.stop.tick(0.05)

    def _give_up_if_hopeless(self, web: Watched, *, is_late: bool) -> None:
        if web.failures >= WEB_ATTEMPTS or is_late:
            log = web.part.log
            raise Problem(f"The web server does not answer. The end of {log}:\n{last_lines(log)}")

    def end(self) -> None:
        self.supervisor.stop_all()
        self.note.unlink(missing_ok=True)
        if self.servers is not None:
            self.servers.forget_sockets()


def is_live(host: str, port: int, base_url: str) -> bool:
    """Ask the site whether it answers, under the name that it expects."""
    address = urlsplit(ports.site_address(host, port))
    connection = http.client.HTTPConnection(str(address.hostname), port, timeout=5)
    try:
        connection.request("GET", "/health/live", headers={"Host": urlsplit(base_url).netloc})
        return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
