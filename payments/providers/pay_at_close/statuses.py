"""The statuses of an order that is paid at closing: what each does to a payment, and its words.

*Funded* is paid; what follows is between the provider and the title company. (FlexFund's
documentation, "Pay-at-close")
"""

from payments.facts.ranks import Rank
from payments.providers.base import Status

PAY_AT_CLOSE: dict[str, Status] = {
    "offered": Status(
        Rank(10, "requires_action", 10), "neutral", "", "Pay-at-close offered to the client", 1
    ),
    "selected": Status(
        Rank(20, "requires_action", 20),
        "pending",
        "pending",
        "Client chose pay-at-close · {amount}",
        2,
    ),
    "agreement_signed": Status(
        Rank(30, "pending", 30), "pending", "pending", "Pay-at-close agreement signed", 3
    ),
    "info_needed": Status(
        Rank(40, "pending", 25), "attention", "info needed", "Provider needs information", 4
    ),
    "submitted": Status(
        Rank(50, "processing", 40), "pending", "pending", "Submitted for approval", 5
    ),
    "approved": Status(
        Rank(60, "processing", 50), "pending", "pending", "Approved, waiting for funding", 6
    ),
    # A sale falls through, and the backup card may still be charged: failed ranks low.
    "failed": Status(Rank(70, "failed", 5), "failed", "failed", "Pay-at-close failed"),
    "cancelled": Status(Rank(80, "voided", 5), "voided", "cancelled", "Pay-at-close cancelled", 7),
    "funded": Status(
        Rank(100, "completed", 100, paid=True),
        "succeeded",
        "received",
        "Funded · {amount} received",
        31,
    ),
    "refund_queued": Status(
        Rank(105, "completed", None), "pending", "queued", "Refund of {amount} queued"
    ),
    "voided": Status(Rank(110, "voided", 5), "voided", "voided", "Pay-at-close voided"),
    # Its amount is what the title company paid the provider, not what we received.
    "collected_at_closing": Status(
        Rank(120, "completed", 1, paid=True),
        "neutral",
        "",
        "Title company paid the provider at closing",
        51,
    ),
    "backup_charged": Status(
        Rank(130, "completed", 90, paid=True),
        "succeeded",
        "received",
        "Sale fell through: backup card charged · {amount}",
        52,
    ),
    "refunded": Status(Rank(140, "completed", None), "refunded", "refunded", "{amount} refunded"),
    "refund_failed": Status(
        Rank(145, "completed", None), "failed", "refund failed", "Refund of {amount} failed"
    ),
    "charged_back": Status(
        Rank(200, "charged_back", None), "failed", "charged back", "{amount} charged back", 200
    ),
}
