"""Where this machine keeps what is its own, its secret key, and how files are shared there."""

import contextlib
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


class EmbeddedError(RuntimeError):
    """An embedded server could not be started; the message says what to do about it."""


def local_dir() -> Path:
    """Return the directory for everything that this machine keeps for itself."""
    return Path(os.environ.get("PAYSTORY_LOCAL_DIR") or BASE_DIR / ".local").absolute()


def disabled() -> bool:
    """Tell whether the embedded servers are switched off (tooling that needs no database)."""
    return flag("PAYSTORY_NO_EMBEDDED")


def local_secret_key(name: str = "SECRET_KEY") -> str:
    """Return a key made once for this machine; a production set-up has to bring its own."""
    if os.environ.get("DATABASE_URL") and not flag("DEBUG"):
        raise ImproperlyConfigured(
            f"{name} is not set. With DATABASE_URL set and DEBUG off, set {name} in the "
            f"environment (python -c 'import secrets; print(secrets.token_urlsafe(50))')."
        )
    if disabled():
        return secrets.token_urlsafe(50)
    path = ensure_local_dir() / name.lower().replace("_", "-")
    with locked(local_dir() / "secret.lock", fcntl.LOCK_EX):
        if not path.exists():
            write_private(path, secrets.token_urlsafe(50))
        return path.read_text().strip()


def flag(name: str) -> bool:
    """Tell whether an environment variable is switched on."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def ensure_local_dir() -> Path:
    """Return the local directory; make it, private, where there is none."""
    home = local_dir()
    if not home.is_dir():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable for its owner only."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as output:
        output.write(text)
    Path(temporary).replace(path)


@contextlib.contextmanager
def locked(path: Path, how: int) -> Iterator[None]:
    """Hold a lock on a file (``fcntl.LOCK_SH`` or ``LOCK_EX``), waiting for it."""
    with path.open("a") as handle:
        fcntl.flock(handle, how)
        yield


def tail(path: Path) -> str:
    """Return the end of a log, at most 2,000 characters; '' where there is none."""
    return path.read_text(errors="replace")[-2000:] if path.exists() else ""


def package_dir(name: str) -> Path | None:
    """Return a package's directory without importing it (and what it imports)."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None
