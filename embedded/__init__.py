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

from embedded.commands import main, reset, run
from embedded.keeper import Keeper
from embedded.paths import BASE_DIR, EmbeddedError, disabled, local_dir, local_secret_key
from embedded.postgres import Postgres
from embedded.redis import Redis
from embedded.server import Server
from embedded.users import (
    NOWHERE_DATABASE,
    NOWHERE_REDIS,
    database_url,
    redis_url,
    release_servers,
    stop_when_unused,
    use_servers,
)

__all__ = [
    "BASE_DIR",
    "NOWHERE_DATABASE",
    "NOWHERE_REDIS",
    "EmbeddedError",
    "Keeper",
    "Postgres",
    "Redis",
    "Server",
    "database_url",
    "disabled",
    "local_dir",
    "local_secret_key",
    "main",
    "redis_url",
    "release_servers",
    "reset",
    "run",
    "stop_when_unused",
    "use_servers",
]
