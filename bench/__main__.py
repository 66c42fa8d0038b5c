"""``python -m bench``: measure, print, and with ``--record`` write to results."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

RESULTS = Path(__file__).parent / "results"
DATABASE = "paystory_bench"
# (jobs, rounds): small enough for every day, and what gets recorded.
SMALL, LARGE = (1_000, 10), (20_000, 30)

if TYPE_CHECKING:
    from bench.measure import Figure


def main() -> int:
    """0, or 1 when ``--check`` saw a gross regression."""
    options = _options()
    _environment()
    import django

    django.setup()
    jobs, rounds = LARGE if options.large else SMALL
    started = time.monotonic()
    with _database():
        machine = _machine(jobs)
        figures = []
        for figure in _figures(jobs, rounds):
            figures.append(figure)
            if not options.json:
                took = time.monotonic() - started
                print(f"{took:4.0f} s  {figure.name}", file=sys.stderr, flush=True)
    machine["seconds"] = round(time.monotonic() - started)
    record = {**machine, "figures": [f.as_dict() for f in figures]}
    _print(record, figures, as_json=options.json)
    if options.record:
        print(f"\nKept in {_keep(record)}", file=sys.stderr)
    return int(options.check and any(f.is_gross for f in figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--large", action="store_true", help="20,000 jobs instead of 1,000")
    parser.add_argument("--record", action="store_true", help="keep it in bench/results")
    parser.add_argument("--check", action="store_true", help="fail on a gross regression")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _environment() -> None:
    """Set what production has, as far as speed goes: no debugging, errors only, no doorbell."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DEBUG="0",
        DEMO="1",
        HTTPS="0",
        COLLECTED_STATIC="0",
        LOG_LEVEL="ERROR",
        PAYSTORY_DOORBELL="0",
    )


@contextmanager
def _database() -> Iterator[None]:
    """A database of its own, whatever DATABASE_URL says, gone afterwards."""
    from django.conf import settings
    from django.db import connection

    settings.ROOT_URLCONF = "bench.urls"
    own = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(own, verbosity=0)


def _figures(jobs: int, rounds: int) -> Iterator["Figure"]:
    from django.db import connection

    from bench import data, pages, settling, writing
    from workorders.models import WorkOrder

    brand = data.brand_with_fhi624()
    data.many_jobs(brand, jobs)
    yield writing.projection("Many jobs, a few changes each")
    long = data.long_job(brand)
    yield writing.projection("One job, many changes")
    # These jobs were written in bulk, past all verbs: they have no invoices yet.
    yield settling.backfill_speed()
    yield writing.projection("Jobs after their adoption")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    yield writing.storage()
    yield from writing.figures(brand, rounds)
    data.forget_pending()
    fhi624 = WorkOrder.objects.get(brand=brand, number="FHI624")
    yield from settling.figures(brand, fhi624, rounds)
    yield from pages.figures(brand, fhi624, long, rounds)


def _machine(jobs: int) -> dict[str, Any]:
    import django
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    return {
        "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "jobs": jobs,
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgres": version,
        "fsync": fsync,
    }


def _print(record: dict[str, Any], figures: list["Figure"], *, as_json: bool) -> None:
    from bench.measure import table

    if as_json:
        print(json.dumps(record, indent=2))
        return
    about = {k: v for k, v in record.items() if k != "figures"}
    print(" · ".join(f"{k.replace('_', ' ')} {v}" for k, v in about.items()))
    print(table(figures))


def _keep(record: dict[str, Any]) -> Path:
    path = RESULTS / f"{record['at'][:10]}.json"
    before = json.loads(path.read_text()) if path.exists() else []
    path.write_text(json.dumps([*before, record], indent=2) + "\n")
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
