"""The address that the web server answers at."""

import errno
import os
import socket

from .problem import Problem

DEFAULT_PORT = 8000


def wanted_address() -> tuple[str, int]:
    host = os.environ.get("HOST") or "127.0.0.1"
    port = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise Problem(f"PORT must be a number from 1 to 65535, not {port!r}.")
    return host, int(port)


def listen(host: str, port: int) -> socket.socket:
    """Take the port, or say why it cannot be had.

    Closed at once, it tells that the port is free. Kept open and handed down, it lets visitors
    wait instead of being refused while the web server starts again after a crash.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except OSError:
        raise Problem(f"HOST {host!r} is no address of this machine.") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Problem(_why_not(error, host, port)) from None
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else DEFAULT_PORT
        return (
            f"Port {port} is in use: another program listens on {host}:{port}."
            f" Stop it, or choose another port: PORT={other} bin/serve"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may be used by root only. Choose another: PORT=8000 bin/serve"
    return f"The address {host}:{port} cannot be used: {error.strerror}."


def site_address(host: str, port: int) -> str:
    """Return the address for a browser on this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    if ":" in reachable and not reachable.startswith("["):
        reachable = f"[{reachable}]"
    return f"http://{reachable}:{port}"
