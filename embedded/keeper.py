"""The one process that owns both servers, as long as somebody uses them."""

import fcntl
import functools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from embedded.paths import EmbeddedError, write_private
from embedded.postgres import Postgres
from embedded.redis import Redis
from embedded.server import Server
from embedded.waiting import try_for


class Keeper:
    """Starts PostgreSQL and Redis, waits until nobody uses them, stops them."""

    def __init__(self, home: Path) -> None:
        """Prepare; nothing runs yet."""
        self.home = home
        self.stopping = False
        self.servers: list[Server] = []

    def run(self) -> None:
        """Live as long as there is a user."""
        import signal

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        lock = (self.home / "keeper.lock").open("a")
        if not try_for(lambda: fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB), seconds=5):
            return  # another keeper is at work
        users: IO[str] | None = None
        try:
            self._start()
            users = self._until_unused()
        finally:
            # Nobody may take the address of a server that is going down: the announcement goes
            # first, and newcomers wait for the exclusive lock on users.lock.
            (self.home / "servers.json").unlink(missing_ok=True)
            for server in reversed(self.servers):
                server.stop()
            lock.close()
            if users is not None:
                users.close()

    def _on_signal(self, *_: object) -> None:
        self.stopping = True

    def _start(self) -> None:
        makers: dict[str, Callable[[Path], Server]] = {"database": Postgres, "redis": Redis}
        announced: dict[str, str] = {}
        starting: dict[str, Server] = {}

        def attempt(name: str, step: Callable[[], None]) -> None:
            # The other one may be all that is needed (DATABASE_URL or REDIS_URL set).
            try:
                step()
            except EmbeddedError as error:
                print(error, flush=True)
                announced[f"{name}_error"] = str(error)

        def begin(name: str) -> None:
            server = makers[name](self.home)
            server.start()
            starting[name] = server
            self.servers.append(server)

        def finish(name: str) -> None:
            starting[name].finish()
            announced[f"{name}_url"] = starting[name].url()

        for name in makers:
            attempt(name, functools.partial(begin, name))
        for name in starting:
            attempt(name, functools.partial(finish, name))
        notes = [server.note for server in self.servers if server.note]
        if notes:
            announced["note"] = "\n".join(notes)
        self.servers = [s for s in self.servers if s.process is not None and not s.died()]
        write_private(self.home / "servers.json", json.dumps(announced))

    def _until_unused(self) -> IO[str] | None:
        """Return the exclusive lock on the users once there were none for the lingering time."""
        linger = float(os.environ.get("PAYSTORY_LOCAL_LINGER") or 2)
        alone_since: float | None = None
        while not self.stopping:
            if any(server.died() for server in self.servers):
                print("A server ended by itself; stopping the other.", flush=True)
                return None
            handle = (self.home / "users.lock").open("a")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                alone_since = None
                handle.close()
            else:
                now = time.monotonic()
                alone_since = alone_since or now
                at_once = (self.home / "stop-when-unused").exists()
                if at_once or now - alone_since >= linger:
                    (self.home / "stop-when-unused").unlink(missing_ok=True)
                    return handle
                handle.close()
            time.sleep(0.1)
        return None
