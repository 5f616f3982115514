"""The embedded servers of one start, as far as no server of the person's own is named."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import folders, postgres, valkey
from .credentials import Credentials
from .postgres import Postgres
from .stopping import StopRequest
from .supervise import Supervisor
from .unprivileged import database_account
from .valkey import Valkey


@dataclass
class Servers:
    """Which servers run, under which addresses, and what to clear away afterwards."""

    urls: dict[str, str]
    database_home: folders.Home | None
    clear: list[Callable[[], None]]

    def forget_sockets(self) -> None:
        for step in self.clear:
            step()


def start(
    *,
    var: Path,
    credentials: Credentials,
    supervisor: Supervisor,
    stop: StopRequest,
    settings: dict[str, str],
    obey_environment: bool,
) -> Servers:
    """Start PostgreSQL unless DATABASE_URL is set, and Valkey unless REDIS_URL is set."""
    servers = Servers(urls={}, database_home=None, clear=[])
    if not (obey_environment and os.environ.get("DATABASE_URL")):
        database = _postgres(var, credentials, settings, stop, servers)
        database.create()
        supervisor.start_server(database)
        database.create_database()
        servers.urls["DATABASE_URL"] = database.url
    if not (obey_environment and os.environ.get("REDIS_URL")):
        queue = _valkey(var, stop, servers)
        supervisor.start_server(queue)
        servers.urls["REDIS_URL"] = queue.url
    return servers


def _postgres(
    var: Path,
    credentials: Credentials,
    settings: dict[str, str],
    stop: StopRequest,
    servers: Servers,
) -> Postgres:
    home = folders.database_home(
        var=var,
        account=database_account(var / "postgres"),
        installation=credentials.installation,
    )
    parent = folders.own_folder(home.path / "run", mode=folders.PASSABLE)
    sockets = folders.socket_folder(parent, name="postgres", account=home.account)
    servers.database_home = home
    servers.clear.append(lambda: folders.forget_socket_folder(sockets, parent=parent))
    return Postgres(
        home=home,
        binaries=postgres.usable_binaries(home),
        sockets=sockets,
        log=var / "log" / "postgres.log",
        owner_password=credentials.database_owner_password,
        password=credentials.database_password,
        settings=settings,
        stop=stop,
    )


def _valkey(var: Path, stop: StopRequest, servers: Servers) -> Valkey:
    parent = var / "run"
    sockets = folders.socket_folder(parent, name="valkey", account=None)
    servers.clear.append(lambda: folders.forget_socket_folder(sockets, parent=parent))
    return Valkey(
        program=valkey.find_server(), sockets=sockets, log=var / "log" / "valkey.log", stop=stop
    )
