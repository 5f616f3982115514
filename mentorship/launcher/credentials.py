"""Secrets made once, at the first start, and readable by their owner only."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from .problem import Problem

OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Credentials:
    secret_key: str
    field_keys: str
    database_password: str
    database_owner_password: str
    installation: str


def generate() -> Credentials:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return Credentials(
        secret_key=secrets.token_urlsafe(64),
        field_keys=f"k1:{key}",
        database_password=secrets.token_hex(24),
        database_owner_password=secrets.token_hex(24),
        installation=secrets.token_hex(6),
    )


def load_or_create(path: Path) -> Credentials:
    """Read the secrets, or make them; never replace a file that cannot be read.

    The keys of private notes are among them: losing them loses the notes.
    """
    if not path.exists():
        write_private(path, json.dumps(asdict(generate()), indent=2) + "\n")
    elif path.stat().st_mode & 0o077:
        path.chmod(OWNER_ONLY)
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise Problem(
            f"{path} is damaged. It holds the keys of the private notes, so it is not replaced."
            " Put back a copy of it; or, if nothing in var/ is worth keeping, remove var/."
        ) from None


def write_private(path: Path, text: str) -> None:
    """Write a whole file or none, with the owner's mode from its first byte on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
