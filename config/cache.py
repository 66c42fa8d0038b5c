"""The Redis cache, made so that pages keep working when Redis does not.

Nothing that matters is only in the cache, but login rate limits go through it, and a login must
not fail because Redis is down. While it is, each process counts for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger()

RETRY_SECONDS = 5.0


class ForgivingRedisCache(RedisCache):
    """Falls back to this process's memory, and tries Redis again every few seconds."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        """Prepare both."""
        super().__init__(server, params)
        self._memory = LocMemCache("redis-is-down", {})
        self._down_until = 0.0

    def _either(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._down_until:
            real: Callable[..., Any] = getattr(super(), name)
            try:
                return real(*args, **kwargs)
            except (RedisConnectionError, RedisTimeoutError) as error:
                self._down_until = time.monotonic() + RETRY_SECONDS
                log.warning("cache.unreachable", error=str(error))
        return getattr(self._memory, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Set if absent."""
        return bool(self._either("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Read one."""
        return self._either("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Write one."""
        self._either("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Prolong one."""
        return bool(self._either("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Forget one."""
        return bool(self._either("delete", *args, **kwargs))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """Read several."""
        values: dict[Any, Any] = self._either("get_many", list(keys), version=version)
        return values

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Tell whether it is there."""
        return bool(self._either("has_key", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Count up."""
        return int(self._either("incr", *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Write several."""
        failed: list[Any] = self._either("set_many", *args, **kwargs)
        return failed

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        """Forget several."""
        self._either("delete_many", *args, **kwargs)

    def clear(self) -> None:
        """Forget everything, here and there."""
        self._memory.clear()
        self._either("clear")
