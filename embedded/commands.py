"""The command line: ``python -m embedded …``."""

import os

from embedded.keeper import Keeper
from embedded.paths import ensure_local_dir, local_dir
from embedded.users import database_url, redis_url, release_servers, stop_when_unused, use_servers


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
    """``python -m embedded keep | run COMMAND… | url | stop | reset``."""
    if arguments[:1] == ["keep"]:
        Keeper(ensure_local_dir()).run()
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
