"""The jobs that browser tests look at: some of the demo, and one with a long history."""

import json
from collections.abc import Iterator
from decimal import Decimal

from accounts.models import Brand
from activity.projection import project_pending
from core import clock
from demo import attempts, brands, reference_jobs, todays_jobs
from demo.build import NEWEST, Calendar, Line, card, client_actor, job, until
from importing.loader import load as load_lines
from payments.ingest.incoming import IncomingFact
from payments.ingest.receive import receive

LONG = "FHI790"
# More than a page of threads (20); the oldest stand on the second.
LONG_TRIES = 26


def long_history(c: Calendar) -> Line:
    """A client who tried a card every half hour."""
    name = "Nadia Petrova"
    tries = [
        {
            **card("Visa", f"{4000 + n}"),
            "at": c.at(3, f"{6 + n // 2:02}:{n % 2 * 30:02}"),
            "actor": client_actor(name),
            "provider": "stripe",
            "status": "failed",
            "amount": "400.00",
            "failure_code": "expired_card",
            "references": [f"ch_long_{n}"],
        }
        for n in range(LONG_TRIES)
    ]
    return job(c, 790, name, "4 Long Road, Boise ID", 4, attempts=tries)


def lines() -> Iterator[Line]:
    """The chosen jobs of the demo, dated as of now."""
    now = clock.now()
    fhi, ria = Calendar(now, "America/Boise"), Calendar(now, "America/Denver")
    chosen = [
        reference_jobs.fhi624(fhi),
        reference_jobs.ria2159(ria),
        attempts.three_attempts(fhi),
        attempts.pay_at_close(fhi),
        todays_jobs.follow_up(fhi),
        todays_jobs.funded_now(fhi),
        long_history(fhi),
    ]
    yield from (until(line, now - NEWEST) for line in chosen)


def load() -> None:
    """Brands, people and jobs with their feeds, and an order that belongs to no job."""
    brands.create()
    report = load_lines(json.dumps(line).encode() for line in lines())
    assert not report.rejected, report.problems
    fact = IncomingFact(
        event_id="browser_1",
        order_id="FLX-nobody",
        status="funded",
        at=clock.now(),
        amount=Decimal("400.00"),
    )
    brand = Brand.objects.get(slug="fhi")
    receive(brand, "flexfund", fact, payload="{}", received_at=clock.now())
    while project_pending():
        pass
