"""The facts that providers report about one order, from first to last."""

from decimal import Decimal

from payments.ingest.incoming import IncomingFact
from tests.payments.conftest import incoming

D = Decimal
PAC_HISTORY = [
    incoming("offered", 0, "329.00"),
    incoming("selected", 1),
    incoming("agreement_signed", 2),
    incoming("info_needed", 3, detail="Closing date is missing"),
    incoming("submitted", 4),
    incoming("approved", 5, "329.00"),
    incoming("funded", 6, "329.00"),
    incoming("collected_at_closing", 7, "351.00"),
]
CARD_HISTORY = [
    incoming("authorised", 0, "340.52", method="card", data={"fee": "11.52", "last4": "4242"}),
    incoming("captured", 1, "340.52", method="card", fee=D("11.52"), data={"card_brand": "Visa"}),
    incoming("refund_queued", 2, "211.14", method="card"),
    incoming("settled", 3, "340.52", method="card"),
    incoming("refunded", 4, "211.14", method="card"),
]


def of_unknown_job(story: list[IncomingFact]) -> list[IncomingFact]:
    """The same facts, of a job that does not exist (yet)."""
    return [IncomingFact(**{**f.__dict__, "work_order": "FHI9999"}) for f in story]
