"""Gives each process of a parallel test run a queue of its own, before settings are read.

pytest-django gives each its own database in the same way. ``bin/test`` names this in
``PYTEST_PLUGINS``; by hand: ``PYTEST_PLUGINS=tests.side_by_side python -m pytest -n 2``.
"""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlencode, urlsplit


def moved(url: str, *, by: int) -> str:
    """Return the address of a database of the same server that is so many numbers further."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        number = int(query.get("db", "0")) + by
        return f"unix://{parts.path}?{urlencode({**query, 'db': number})}"
    number = int(parts.path.strip("/") or "0") + by
    return parts._replace(path=f"/{number}").geturl()


worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if worker:
    os.environ["REDIS_URL"] = moved(os.environ["REDIS_URL"], by=int(worker))
