"""A folder with a short path that the database's account can enter, and a server in it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorship.launcher import credentials, folders, servers
from mentorship.launcher.postgres import Postgres
from mentorship.launcher.stopping import StopRequest
from mentorship.launcher.supervise import Supervisor


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="alongside-launcher-", dir=folders.short_temporary()))
    path.chmod(folders.PASSABLE)
    for name in ("log", "run"):
        folders.own_folder(path / name, mode=folders.PASSABLE)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def supervisor(folder: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(run_folder=folder / "run", stop=StopRequest())
    yield supervisor
    supervisor.stop_all()


@pytest.fixture
def started(folder: Path, supervisor: Supervisor) -> servers.Servers:
    return servers.start(
        var=folder,
        credentials=credentials.generate(),
        supervisor=supervisor,
        stop=supervisor.stop,
        settings={"fsync": "off"},  # like THROW_AWAY, but a killed server keeps commits,
        obey_environment=False,
    )


@pytest.fixture
def database(started: servers.Servers, supervisor: Supervisor) -> Postgres:
    part = supervisor.watched[0].part
    assert isinstance(part, Postgres)
    return part


@pytest.fixture
def empty_environment() -> dict[str, str]:
    """What `env -i` leaves, with just enough to find Python."""
    return {"PATH": os.environ.get("PATH", os.defpath)}
