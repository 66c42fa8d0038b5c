"""The cache without Redis."""

import time

from config.cache import ForgivingRedisCache


def test_the_cache_goes_on_without_redis() -> None:
    cache = ForgivingRedisCache(
        "redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.2}}
    )
    started = time.monotonic()
    assert cache.add("key", 1, 10)
    assert not cache.add("key", 2, 10)
    assert cache.incr("key") == 2
    assert cache.get_many(["key", "none"]) == {"key": 2}
    assert "key" in cache
    cache.delete("key")
    assert cache.get("key", "gone") == "gone"
    assert time.monotonic() - started < 1, "one attempt in five seconds, not one per call"
