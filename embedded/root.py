"""What PostgreSQL needs when we are root: another user, and binaries in reach of it."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from embedded.paths import EmbeddedError


def service_account() -> tuple[int, int]:
    """Return the user that PostgreSQL runs as when we are root, which it refuses to be."""
    import pwd
    import shutil
    import subprocess

    names = ("paystory-postgres", "nobody")
    if shutil.which("useradd"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(names[0])
            return account.pw_uid, account.pw_gid
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", names[0]],
            check=False,
            capture_output=True,
        )
    for name in names:
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return account.pw_uid, account.pw_gid
    raise EmbeddedError(
        "PostgreSQL refuses to run as root and there is no user to run it as: create one named "
        f"{names[0]}, or set DATABASE_URL."
    )


def refuse_foreign(path: Path, *owners: int) -> None:
    """Refuse a directory in a shared place that somebody else put there for us to use."""
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), *owners}:
        raise EmbeddedError(f"{path} belongs to somebody else; remove it and try again.")


def copy_of(package: Path, install: str) -> Path:
    """Return a copy of a package's ``install`` directory where every user can reach it."""
    import shutil

    mark = f"{package}:{(package / install / 'bin' / 'postgres').stat().st_mtime_ns}"
    short = hashlib.sha256(mark.encode()).hexdigest()[:12]
    root = Path("/var/tmp") / f"paystory-bin-{short}"  # noqa: S108
    if root.is_dir():
        refuse_foreign(root)
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
    refuse_foreign(root)
    return root / package.name
