"""Where data, sockets and logs lie, and who may enter."""

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .problem import Problem
from .processes import CHECKOUT, succeeds
from .unprivileged import Account

ELSEWHERE = Path("/var/lib/alongside")
LONGEST_SOCKET_FOLDER = 75  # the kernel takes 107 bytes, a socket's own name about 20
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+@-]+")
OWNER_ONLY = 0o700
PASSABLE = 0o711  # others may walk through by name, but read and list nothing


def own_folder(path: Path, *, mode: int = OWNER_ONLY) -> Path:
    """Make a folder of ours; one that exists keeps the mode its owner gave it."""
    try:
        path.mkdir(parents=True)
        path.chmod(mode)
    except FileExistsError:
        if not path.is_dir():
            raise Problem(f"{path} is in the way: it is not a folder.") from None
    except PermissionError:
        raise Problem(f"{path} cannot be made: {path.parent} may not be written to.") from None
    return path


def var_folder() -> Path:
    """Return the folder of everything that Alongside keeps, made when it is missing."""
    path = Path(os.environ.get("VAR_DIR") or CHECKOUT / "var").resolve()
    own_folder(path, mode=PASSABLE if os.geteuid() == 0 else OWNER_ONLY)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise Problem(
            f"{path} belongs to another user. Start Alongside as that user,"
            " or name another folder: VAR_DIR=/some/folder bin/serve"
        )
    return path


def can_enter(path: Path, account: Account) -> bool:
    return succeeds(["/bin/sh", "-c", 'cd -- "$0"', str(path)], account=account)


@dataclass(frozen=True)
class Home:
    """The folder of the embedded database: `var`, or a place its account can enter."""

    path: Path
    account: Account | None
    is_elsewhere: bool


def database_home(*, var: Path, account: Account | None, installation: str) -> Home:
    """Choose the database's folder; data that exists stays where it is.

    The name elsewhere holds the installation's random id, so that a fresh checkout at an old
    path never meets the data of the one before it.
    """
    digest = hashlib.sha256(f"{var}:{installation}".encode()).hexdigest()[:12]
    elsewhere = ELSEWHERE / digest
    if (var / "postgres" / "PG_VERSION").exists():
        return Home(path=var, account=account, is_elsewhere=False)
    if not elsewhere.exists() and (account is None or can_enter(var, account)):
        return Home(path=var, account=account, is_elsewhere=False)
    own_folder(ELSEWHERE, mode=0o755)
    own_folder(elsewhere, mode=PASSABLE)
    (elsewhere / "belongs-to.txt").write_text(f"{var}\n", encoding="utf-8")
    return Home(path=elsewhere, account=account, is_elsewhere=True)


def give_to(path: Path, account: Account | None) -> None:
    if account is not None and path.stat().st_uid != account.uid:
        os.chown(path, account.uid, account.gid)


def socket_folder(parent: Path, *, name: str, account: Account | None) -> Path:
    """Make a private folder for a Unix socket, under a short path of plain letters."""
    path = parent / name
    if len(os.fsencode(path)) > LONGEST_SOCKET_FOLDER or not PLAIN_PATH.fullmatch(str(path)):
        path = Path(tempfile.mkdtemp(prefix=f"alongside-{name}-", dir=short_temporary()))
    own_folder(path)
    path.chmod(OWNER_ONLY)
    give_to(path, account)
    return path


def short_temporary() -> str:
    """Return a folder for temporary files; some systems' own is too long for sockets."""
    short = "/tmp"  # noqa: S108 - only to make private folders in
    return short if os.access(short, os.W_OK | os.X_OK) else tempfile.gettempdir()


def forget_socket_folder(path: Path, *, parent: Path) -> None:
    if path.parent != parent:
        shutil.rmtree(path, ignore_errors=True)
