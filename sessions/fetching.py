"""Fetch somebody's calendar from the internet, and from nowhere else.

The address is resolved, every answer checked, and the connection made to the checked address, so
that a name cannot lead to another place between the check and the call. Redirects go the same way.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from core.outside import Allows, CheckedConnection, Resolve, is_public, resolve
from sessions.models import BusyFault

Fetch = Callable[[str], bytes]

MOST_BYTES = 2 * 1024 * 1024
MOST_SECONDS = 10.0
MOST_REDIRECTS = 3
CHUNK = 65_536
REDIRECTS = {301, 302, 303, 307, 308}


class CannotFetch(Exception):
    """The calendar could not be fetched; ``fault`` says why, in words for its owner."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def fetch_calendar(
    url: str,
    *,
    resolve: Resolve = resolve,
    allows: Allows = is_public,
    context: ssl.SSLContext | None = None,
    seconds: float = MOST_SECONDS,
) -> bytes:
    """Return what stands at an https address: at most 2 MB, within 10 seconds in all.

    ``resolve`` and ``allows`` say which addresses a name has and which of them may be spoken to.

    Raises:
        CannotFetch: with the fault.
    """
    tls = context or ssl.create_default_context()
    deadline = time.monotonic() + seconds
    try:
        for _turn in range(MOST_REDIRECTS + 1):
            status, body, target = _get(url, resolve, allows, tls, deadline)
            if status not in REDIRECTS:
                return _checked(status, body)
            url = urljoin(url, target)
    except (OSError, http.client.HTTPException) as error:
        raise CannotFetch(BusyFault.UNREACHABLE) from error
    except ValueError as error:  # an address that is none
        raise CannotFetch(BusyFault.ADDRESS) from error
    raise CannotFetch(BusyFault.UNREACHABLE)


def _checked(status: int, body: bytes) -> bytes:
    if status == 200:
        return body
    if status in (404, 410):
        raise CannotFetch(BusyFault.NOT_FOUND)
    raise CannotFetch(BusyFault.UNREACHABLE if status >= 500 else BusyFault.REFUSED)


def _get(
    url: str, resolve: Resolve, allows: Allows, tls: ssl.SSLContext, deadline: float
) -> tuple[int, bytes, str]:
    """Ask one address once; return status, body, and where a redirect leads."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https" or not host or parts.username or parts.password:
        raise CannotFetch(BusyFault.ADDRESS)
    addresses = resolve(host, port)
    if not addresses or not all(allows(address) for address in addresses):
        raise CannotFetch(BusyFault.ADDRESS)
    connection = CheckedConnection(host, port, address=addresses[0], ends_at=deadline, context=tls)
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request(
            "GET",
            path,
            headers={
                "Accept": "text/calendar",
                "Accept-Encoding": "identity",
                "User-Agent": "Alongside calendar reader",
            },
        )
        answer = connection.getresponse()
        target = answer.getheader("Location") or ""
        body = b"" if answer.status in REDIRECTS else _read(answer)
        return answer.status, body, target
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Read a body piece by piece, so that an endless one ends at the limit."""
    pieces: list[bytes] = []
    size = 0
    while True:
        piece = answer.read1(CHUNK)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise CannotFetch(BusyFault.TOO_BIG)
