"""Speak to addresses that people give us, and to nowhere inside our own network.

The name is resolved, every answer checked, and the connection made to the checked address, so that
a name cannot lead to another place between the check and the call.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

Resolve = Callable[[str, int], list[str]]
Allows = Callable[[str], bool]

MOST_ANSWERED = 2_000
POST_SECONDS = 10.0


class CannotReach(Exception):
    """Nothing was posted, or nobody answered; says why."""


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


class CheckedConnection(http.client.HTTPSConnection):
    """Speaks to one checked address, and checks the certificate of the name."""

    def __init__(
        self, host: str, port: int, *, address: str, timeout: float, context: ssl.SSLContext
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._address = address
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


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

    Redirects are not followed: what is signed for one address is not for another.

    Raises:
        CannotReach: the address is not https, not public, or nobody answers in time.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https" or not host or parts.username or parts.password:
        raise CannotReach("Not an https address.")
    try:
        addresses = resolve(host, port)
        if not addresses or not all(allows(address) for address in addresses):
            raise CannotReach("The address does not lead to the open internet.")
        line = CheckedConnection(
            host,
            port,
            address=addresses[0],
            timeout=seconds,
            context=context or ssl.create_default_context(),
        )
        try:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            line.request("POST", path, body=body, headers=dict(headers))
            answer = line.getresponse()
            answer.read(MOST_ANSWERED)
            return answer.status
        finally:
            line.close()
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise CannotReach(f"{type(error).__name__}: {error}"[:150]) from error
