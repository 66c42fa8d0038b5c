"""A stand-in for a pay-at-close provider: sends one order by signed webhooks over real HTTP.

It reads nothing from the database: an address, a secret and a job's number are all that a real
provider has, too.
"""

import hashlib
import hmac
import json
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import clock

# Each step's status, its words, and the nested fields that come with it.
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("offered", "Pay-at-close was offered with the booking", {}),
    ("selected", "Client chose to pay at closing", {"channel": "client link"}),
    ("agreement_signed", "Payment agreement signed", {"document": "PAC-AGR"}),
    ("info_needed", "Closing date and title company are missing", {"missing": ["closing_date"]}),
    ("submitted", "Sent to the title company", {"title_company": "Cascade Title"}),
    ("approved", "Approved for funding", {"underwriter": "auto"}),
    ("funded", "Paid to the inspection company", {"reference": "ACH-CREDIT"}),
    ("collected_at_closing", "Collected from the closing statement", {"line": "1302"}),
)
WITH_AMOUNT = ("offered", "approved", "funded", "collected_at_closing")


@dataclass(frozen=True)
class Account:
    """Where a brand's webhooks go and what they are signed with."""

    base_url: str
    provider: str
    brand_slug: str
    secret: str

    @property
    def url(self) -> str:
        """The brand's webhook address."""
        return f"{self.base_url.rstrip('/')}/webhooks/pac/{self.provider}/{self.brand_slug}/"


@dataclass(frozen=True)
class Answer:
    """The server's answer to one fact."""

    status: str
    code: int
    body: dict[str, Any]


def order_number() -> str:
    """A fresh order id, so that the same job can have one order after the other."""
    return f"pac_{secrets.token_hex(6)}"


def events(work_order: str, amount: Decimal, order_id: str) -> Iterator[dict[str, Any]]:
    """The steps of one order, each with the time at which it is taken from the iterator."""
    for number, (status, detail, data) in enumerate(STEPS, start=1):
        event = {
            "event_id": f"{order_id}_{number}",
            "order_id": order_id,
            "work_order": work_order,
            "status": status,
            "at": clock.now().isoformat(),
            "detail": detail,
            "data": data,
        }
        yield event | ({"amount": f"{amount:f}"} if status in WITH_AMOUNT else {})


def send(account: Account, event: dict[str, Any]) -> Answer:
    """One signed POST. Raises ``urllib.error.HTTPError`` when it is refused."""
    raw = json.dumps(event).encode()
    signature = hmac.new(account.secret.encode(), raw, hashlib.sha256).hexdigest()
    request = urllib.request.Request(  # noqa: S310  # the address is this installation's own
        account.url,
        data=raw,
        headers={"Content-Type": "application/json", "X-Signature": signature},
    )
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        return Answer(event["status"], response.status, json.load(response))


def send_order(
    account: Account,
    work_order: str,
    amount: Decimal,
    *,
    delay: float = 2.5,
    report: Callable[[Answer], None] = lambda answer: None,
) -> str:
    """Send a whole order, ``delay`` seconds between its facts, and ``report`` each answer.

    Answers with the order's id. Raises ``urllib.error.HTTPError`` at the first refused fact.
    """
    order_id = order_number()
    for position, event in enumerate(events(work_order, amount, order_id)):
        if position:
            time.sleep(delay)
            event["at"] = clock.now().isoformat()
        report(send(account, event))
    return order_id
