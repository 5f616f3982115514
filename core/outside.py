"""Speak to addresses that people give us, and to nowhere inside our own network.

The name is resolved, every answer checked, and the connection made to the checked address, so that
a name cannot lead to another place between the check and the call.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import DatabaseError

logger = logging.getLogger(__name__)
Resolve = Callable[[str, int], list[str]]
Allows = Callable[[str], bool]

MOST_ANSWERED = 2_000
POST_SECONDS = 10.0


class CannotReach(Exception):
    """Nothing was posted, or nobody answered; says why."""


def tried(send: Callable[[], int], *, what: str) -> tuple[int, str]:
    """Return the status and its words; 0 and why where nobody answered.

    Whatever else goes wrong with one row is logged and told the same way, so that the rows after it
    are carried too. Errors of the database pass through.
    """
    try:
        status = send()
    except DatabaseError:
        raise
    except CannotReach as error:
        return 0, str(error)
    except Exception as error:
        logger.exception("%s could not be made.", what)
        return 0, type(error).__name__
    return status, str(status)


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open internet."""
    found = ipaddress.ip_address(address)
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is not None and not inner.is_global:
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _left(ends_at: float) -> float:
    """Return the seconds until a moment of the monotonic clock.

    Raises:
        TimeoutError: it has passed.
    """
    seconds = ends_at - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("No answer in time.")
    return seconds


class BoundedSocket(ssl.SSLSocket):
    """Waits until one moment in all: who answers byte by byte gets no more time than others."""

    ends_at: float

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().recv_into(*args, **kwargs)


class CheckedConnection(http.client.HTTPSConnection):
    """Speaks to one checked address, and checks the certificate of the name."""

    def __init__(
        self, host: str, port: int, *, address: str, ends_at: float, context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port, context=context)
        self._address = address
        self._ends_at = ends_at
        self._tls = context
        context.sslsocket_class = BoundedSocket

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), _left(self._ends_at))
        try:
            plain.settimeout(_left(self._ends_at))
            line: Any = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        line.ends_at = self._ends_at
        line.settimeout(_left(self._ends_at))
        self.sock = line


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    resolve: Resolve = resolve,
    allows: Allows = is_public,
    context: ssl.SSLContext | None = None,
    seconds: float = POST_SECONDS,
) -> int:
    """Post to an https address of the open internet; return the answer's status.

    Redirects are not followed: what is signed for one address is not for another. ``seconds``
    bounds the call as a whole, but for the name's look-up, which the system bounds.

    Raises:
        CannotReach: the address is not https, not public, or nobody answers in time.
    """
    ends_at = time.monotonic() + seconds
    try:
        host, port, path = _parts(url)
        addresses = resolve(host, port)
        if not addresses or not all(allows(address) for address in addresses):
            raise CannotReach("The address does not lead to the open internet.")
        line = CheckedConnection(
            host,
            port,
            address=addresses[0],
            ends_at=ends_at,
            context=context or ssl.create_default_context(),
        )
        try:
            line.request("POST", path, body=body, headers=dict(headers))
            answer = line.getresponse()
            answer.read(MOST_ANSWERED)
            return answer.status
        finally:
            line.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CannotReach(f"{type(error).__name__}: {error}"[:150]) from error


def _parts(url: str) -> tuple[str, int, str]:
    """Return host, port and path of an https address.

    Raises:
        CannotReach: it is none.
        ValueError: it cannot be read, such as a port beyond all ports.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https" or not host or parts.username or parts.password:
        raise CannotReach("Not an https address.")
    return host, port, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
