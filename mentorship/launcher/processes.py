"""Starting, finding and ending processes, without any package beyond Python's own."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .stopping import StopRequest
from .unprivileged import Account

CHECKOUT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Found:
    pid: int
    group: int
    command: str


def _follow_parent(parent: int, death_signal: int) -> Callable[[], None]:
    """Return what a child does before exec, so that it ends when the launcher is killed."""

    def ask_kernel() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(1)

    return ask_kernel


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    account: Account | None = None,
    folder: Path = CHECKOUT,
    death_signal: int = signal.SIGTERM,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a long-lived process in a session of its own; what it says goes to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program and arguments
            list(command),
            env=dict(env),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_follow_parent(os.getpid(), death_signal),
            pass_fds=tuple(pass_fds),
            **identity(account),
        )


def identity(account: Account | None) -> dict[str, Any]:
    """Return the arguments with which subprocess gives up root for this account."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    stop: StopRequest,
    account: Account | None = None,
    folder: Path = CHECKOUT,
) -> int:
    """Run a command to its end and return its status; a wish to stop ends it early."""
    process = spawn(command, env=env, log=log, account=account, folder=folder)
    try:
        while process.poll() is None:
            stop.tick(0.02)
    finally:
        end_group(process, grace_seconds=10)
    return process.returncode


def succeeds(command: Sequence[str], *, account: Account | None) -> bool:
    """Try a short command, silently, as somebody else."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program and arguments
            list(command),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            timeout=60,
            **identity(account),
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def end_group(process: subprocess.Popen[bytes], *, grace_seconds: float) -> None:
    """Ask the parent to stop, wait, then kill whatever is left of its group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_seconds)
    kill_group(process.pid)
    process.wait()


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def running() -> Iterator[Found]:
    """List the processes of this machine that are alive, zombies left out."""
    return _from_proc() if Path("/proc/self/stat").exists() else _from_ps()


def _from_proc() -> Iterator[Found]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        found = _read(entry)
        if found is not None:
            yield found


def _read(entry: Path) -> Found | None:
    """Read one process; nothing when it is a zombie or ends while we look."""
    try:
        facts = (entry / "stat").read_bytes().rpartition(b")")[2].split()
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").strip()
        if facts[0] == b"Z":
            return None
        return Found(int(entry.name), int(facts[2]), command.decode(errors="replace"))
    except (OSError, IndexError, ValueError):
        return None


def _from_ps() -> Iterator[Found]:
    listing = subprocess.run(
        ["/bin/ps", "-axww", "-o", "pid=,pgid=,stat=,command="],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in listing.stdout.splitlines():
        pid, group, state, command = [*line.split(None, 3), ""][:4]
        if not state.startswith("Z"):
            yield Found(int(pid), int(group), command)


def command_of(pid: int) -> str:
    """Return the command line of a living process, else nothing."""
    return next((found.command for found in running() if found.pid == pid), "")


def members(group: int, signature: str) -> list[Found]:
    """Return the living processes of a group that our own command line proves to be ours."""
    return [found for found in running() if found.group == group and signature in found.command]
