"""What each start needs before the site can answer, in one process to save its imports."""

import hashlib
import os
from pathlib import Path

STAMP = "static.stamp"


def prepare() -> int:
    """Migrate, collect static files that changed, fill the demo when nothing is there."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("check", tags=["database"], databases=["default"])  # keys of sealed words
    call_command("migrate", interactive=False, verbosity=1)
    _collect_static(Path(settings.VAR_DIR))
    if settings.DEMO:
        call_command("seed_demo", if_empty=True)
    return 0


def _collect_static(var: Path) -> None:
    from django.core.management import call_command

    stamp = var / "run" / STAMP
    digest = _static_digest()
    if (var / "static").is_dir() and stamp.exists() and stamp.read_text() == digest:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)


def _static_digest() -> str:
    """Return a digest of names, sizes and times: reading every file would cost seconds."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(os.environ.get("DEBUG", "0").encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list(None), key=lambda found: found[0]):
            facts = os.stat(storage.path(name))
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
