"""The statuses of an order that is paid by card or bank: what each does to a payment, its words.

*Captured* is paid. A void undoes a capture, but not a settlement. (Guardian's documentation,
"Guardian card and bank")
"""

from payments.facts.ranks import Rank
from payments.providers.base import Status

CARD_AND_BANK: dict[str, Status] = {
    "authorised": Status(
        Rank(10, "pending", 10), "pending", "authorised", "{amount} authorised on {means}"
    ),
    "failed": Status(Rank(20, "failed", 5), "failed", "declined", "{amount} by {means}"),
    "captured": Status(
        Rank(30, "completed", 100, paid=True),
        "succeeded",
        "received",
        "Captured · {amount} received by {means}",
    ),
    "refund_queued": Status(
        Rank(35, "completed", None),
        "pending",
        "queued",
        "Refund of {amount} accepted, waiting for settlement",
    ),
    "voided": Status(Rank(40, "voided", 5), "voided", "voided", "Voided before settlement"),
    "settled": Status(
        Rank(50, "completed", 90, paid=True, settles=True), "neutral", "", "Settled by the provider"
    ),
    "refunded": Status(Rank(60, "completed", None), "refunded", "refunded", "{amount} refunded"),
    "refund_failed": Status(
        Rank(65, "completed", None), "failed", "refund failed", "Refund of {amount} failed"
    ),
    "chargeback": Status(
        Rank(200, "charged_back", None),
        "failed",
        "charged back",
        "{amount} charged back by the client’s bank",
    ),
}
