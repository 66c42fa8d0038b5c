"""``make demo``: everything on this machine, in one terminal, ended by Ctrl-C.

The servers, the migrations, the demo data, then web, worker and beat under honcho. All of it
listens on loopback only.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"


def main() -> int:
    """Run the demo until somebody ends it; 0 when that was Ctrl-C."""
    started = time.monotonic()
    port = int(os.environ.get("PORT") or 8000)
    if not _port_is_free(port):
        print(
            f"Port {port} on {HOST} is taken. Another 'make demo' may be running; "
            f"choose another port with: PORT={port + 1} make demo",
            file=sys.stderr,
        )
        return 1
    os.environ.update(_environment(port))
    servers: dict[str, str] = {}
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        servers = embedded.use_servers()
    problems = [
        servers[f"{name}_error"]
        for name, variable in (("database", "DATABASE_URL"), ("redis", "REDIS_URL"))
        if not os.environ.get(variable) and f"{name}_error" in servers
    ]
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if "note" in servers:
        print(servers["note"])
    try:
        return _prepare() or _serve(port, started)
    except KeyboardInterrupt:
        return 0
    finally:
        embedded.release_servers()
        if servers and not embedded.stop_when_unused():
            print("PostgreSQL and Redis stay: another process uses them.")


def _environment(port: int) -> dict[str, str]:
    chosen = {
        "DEMO": "1",
        "DEBUG": os.environ.get("DEBUG", "0"),
        "HTTPS": "0",
        "PORT": str(port),
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    if os.environ.get("DATABASE_URL"):
        # Somebody's own database: still a demo, so a key of this machine will do.
        chosen["SECRET_KEY"] = os.environ.get("SECRET_KEY") or _key_for_own_database()
    return chosen


def _key_for_own_database() -> str:
    url = os.environ.pop("DATABASE_URL")
    try:
        return embedded.local_secret_key()
    finally:
        os.environ["DATABASE_URL"] = url


def _prepare() -> int:
    """Migrate, and load the demo data (which does nothing when it is there)."""
    for command in (("migrate", "--verbosity=0"), ("load_demo",)):
        code = _manage(*command)
        if code:
            return code
    return 0


def _manage(*arguments: str) -> int:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, check=False).returncode


def _serve(port: int, started: float) -> int:
    from honcho.manager import Manager

    python = shlex.quote(sys.executable)
    processes = {
        "web": f"gunicorn config.wsgi --bind {HOST}:{port} --workers 2 --threads 4 "
        "--log-level warning --graceful-timeout 2",
        "worker": "celery --quiet -A config.celery worker --concurrency 2 --loglevel WARNING "
        "--without-gossip --without-mingle",
        "beat": "celery --quiet -A config.celery beat --loglevel WARNING "
        f"--schedule {shlex.quote(str(embedded.local_dir() / 'beat-schedule'))}",
    }
    manager = Manager()
    for name, command in processes.items():
        manager.add_process(
            name, f"exec {python} -m {command}", cwd=str(BASE_DIR), env=dict(os.environ)
        )
    threading.Thread(target=_greet, args=(port, started), daemon=True).start()
    manager.loop()
    ended_by_us = {0, 130, 143}
    code = manager.returncode or 0
    return 0 if code in ended_by_us else int(code)


def _greet(port: int, started: float) -> None:
    """Say where to look, once there is something to look at."""
    address = f"http://{HOST}:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):  # noqa: S310  # our own
                break
        except OSError:
            time.sleep(0.1)
    else:
        return
    links = [sys.executable, "manage.py", "demo_links"]
    shown = subprocess.run(links, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    took = time.monotonic() - started
    print(f"\nPaystory is at {address} (ready after {took:.1f} s). Ctrl-C ends it.\n", flush=True)
    print(shown.stdout if not shown.returncode else "", flush=True)


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
