"""One server process: started, waited for, stopped, and never left behind by its keeper."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedded.paths import EmbeddedError, tail

if TYPE_CHECKING:
    import subprocess


class Server:
    """One server process of the keeper."""

    name = "server"
    stop_signal = "SIGTERM"

    def __init__(self, home: Path) -> None:
        """Remember where it lives."""
        self.home = home
        self.note = ""
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; ``finish`` waits until it answers."""
        raise NotImplementedError

    def finish(self) -> None:
        """Wait until it answers and make it ready for use."""
        raise NotImplementedError

    def url(self) -> str:
        """Return its address."""
        raise NotImplementedError

    def died(self) -> bool:
        """Tell whether it ended although nobody asked it to."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """End it in an orderly way, and in a disorderly one when that takes too long."""
        import signal
        import subprocess

        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(getattr(signal, self.stop_signal))
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def _spawn(self, command: list[str], stdin: bytes | None = None, **options: Any) -> None:
        import subprocess

        with (self.home / f"{self.name}.log").open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=output,
                stderr=output,
                **options,
            )
        if stdin is not None and self.process.stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()

    def _wait(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.died():
                break
            if ready():
                return
            time.sleep(0.02)
        log = self.home / f"{self.name}.log"
        raise EmbeddedError(f"{self.name} did not start; see {log}:\n{tail(log)}")


def end_with_parent() -> Callable[[], None]:
    """Return what asks Linux to end a child with the keeper, even when that is killed outright.

    Everything is loaded here: once the child is another user, it may not be able to read the
    standard library of a Python that lives in a private home.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    import ctypes
    import signal

    prctl = ctypes.CDLL(None).prctl
    set_death_signal, number = 1, int(signal.SIGINT)  # an orderly end for both servers

    def apply() -> None:
        prctl(set_death_signal, number, 0, 0, 0)

    return apply
