"""The typed data of entries and threads about money: rows as they were, and what changed.

A line is about one row; ``beside`` holds the other rows that the same step changed. Amounts are
exact, in their row's own currency (a job's share: in the brand's); moments and days are text as
they were captured. Rows are stored without their empty columns.
"""

from decimal import Decimal
from typing import Any, Generic, TypeVar

from activity.shapes import Amount, Diff, Part, Shape

# Rows ----------------------------------------------------------------------------------------


class Means(Part):
    """What was paid with, and why it failed if it did."""

    method: str = ""
    provider: str = ""
    card_brand: str = ""
    last4: str = ""
    reference: str = ""
    failure_code: str = ""
    decline_code: str = ""
    failure_message: str = ""


class Parts(Part):
    """What of an amount is services and what is fee; ``currency`` is empty for the brand's."""

    currency: str = ""
    services_amount: Amount | None = None
    fee_amount: Amount | None = None


class Priced(Parts):
    """A row with an amount in its own currency."""

    amount: Amount


class PaymentRow(Means, Priced):
    """A payment."""

    number: int | None = None
    status: str = ""
    provider_status: str = ""
    fee_expected: Amount | None = None
    uncollected: str = ""
    payer_name: str = ""
    funding: str = ""
    references: list[str] = []
    provider_order_id: str = ""
    paid_at: str = ""
    confirmed_at: str = ""
    confirmed_by: str = ""
    reconciled_at: str = ""
    reconciled_by: str = ""
    reconciled_note: str = ""
    note: str = ""
    follow_up_on: str = ""
    returned_on: str = ""
    return_reason: str = ""
    reason: str = ""


class AllocationRow(Priced):
    """A job's share of a payment, in the brand's currency."""

    payment_id: int | None = None
    status: str = ""
    payment_label: str = ""


class AttemptRow(Means, Priced):
    """One try at a payment."""

    number: int | None = None
    payment_id: int | None = None
    status: str = ""
    fee_expected: Amount | None = None
    funding: str = ""
    references: list[str] = []


class RefundRow(Priced):
    """A refund."""

    number: int | None = None
    payment_id: int | None = None
    status: str = ""
    reason: str = ""
    failure_reason: str = ""
    destination: str = ""
    provider_refund_id: str = ""
    completed_at: str = ""


class ShareBackRow(Priced):
    """What of a refund or dispute leaves the share of one job, in the payment's currency."""

    payment_id: int | None = None
    status: str = ""
    label: str = ""


class DisputeRow(Priced):
    """A dispute."""

    payment_id: int | None = None
    status: str = ""
    reason_code: str = ""
    reason: str = ""
    provider_dispute_id: str = ""
    evidence_due_on: str = ""
    closed_at: str = ""


class EventRow(Part):
    """A provider's step. ``data`` holds its nested fields as they came."""

    provider: str = ""
    status: str = ""
    method: str = ""
    known: bool = False
    currency: str = ""
    amount: Amount | None = None
    fee_amount: Amount | None = None
    detail: str = ""
    event_id: str = ""
    order_id: str = ""
    work_order_number: str = ""
    work_order_id: int | None = None
    payment_id: int | None = None
    refund_id: int | None = None
    data: dict[str, Any] = {}
    received_at: str = ""
    processing_error: str = ""


class ExceptionRow(Part):
    """Something that a person must decide."""

    kind: str = ""
    summary: str = ""
    work_order_id: int | None = None
    event_id: int | None = None
    payment_id: int | None = None
    resolved_at: str = ""
    resolved_by: str = ""
    resolution: str = ""


# Entries -------------------------------------------------------------------------------------

R = TypeVar("R", bound=Part)


class Other(Part, Generic[R]):
    """Another row of the same step: added, changed or deleted (``op`` I, U, D)."""

    op: str = "U"
    row: R
    diff: Diff = {}


class Beside(Part):
    """The other rows of the same step; ``fee_quote``: the payment only got its fee quoted."""

    payment: Other[PaymentRow] | None = None
    fee_quote: Other[PaymentRow] | None = None
    allocation: Other[AllocationRow] | None = None
    attempt: Other[AttemptRow] | None = None
    refund: Other[RefundRow] | None = None
    share_back: Other[ShareBackRow] | None = None
    dispute: Other[DisputeRow] | None = None
    provider_event: Other[EventRow] | None = None
    exception: Other[ExceptionRow] | None = None


class MoneyEntry(Shape, Generic[R]):
    """The row that the line is about, what changed in it, and the other rows of the step.

    ``attached``: how many steps of a provider got their job with it.
    """

    row: R
    diff: Diff = {}
    beside: Beside = Beside()
    attached: int = 0


class PaymentEntry(MoneyEntry[PaymentRow]):
    """A payment was added, changed or deleted."""


class AllocationEntry(MoneyEntry[AllocationRow]):
    """A job's share of a payment."""


class AttemptEntry(MoneyEntry[AttemptRow]):
    """An attempt."""


class RefundEntry(MoneyEntry[RefundRow]):
    """A refund."""


class ShareBackEntry(MoneyEntry[ShareBackRow]):
    """A job's part of a refund or dispute."""


class DisputeEntry(MoneyEntry[DisputeRow]):
    """A dispute."""


class EventEntry(MoneyEntry[EventRow]):
    """A provider's step. ``previous``: the nested fields of the step before it, given by a page."""

    previous: dict[str, Any] | None = None


class ExceptionEntry(MoneyEntry[ExceptionRow]):
    """Something that a person must decide, or has decided."""


class AccountEntry(Shape):
    """A provider's account of the brand."""

    op: str = "U"
    provider: str = ""
    is_active: bool = False
    secret_set_at: str = ""
    diff: Diff = {}


# Threads -------------------------------------------------------------------------------------


class Facts(Shape, Means, Parts):
    """What the headline of a payment, attempt, refund or order takes of its row."""

    number: int | None = None
    provider_status: str = ""
    destination: str = ""
    payer_name: str = ""
    reason: str = ""
    failure_reason: str = ""
    order_id: str = ""
    work_order_number: str = ""
    work_order_id: int | None = None
    follow_up_on: str = ""


class PaymentThread(Facts):
    """A payment. A job that only has a share of it holds that share and nothing else."""

    amount: Amount | None = None
    share: Amount | None = None
    share_of: str = ""

    @property
    def here(self) -> Decimal | None:
        """What of it is this job's, fee included; None where nothing says so."""
        return self.amount if self.share is None else self.share


class AttemptThread(Facts, Priced):
    """An attempt that no payment came of."""


class RefundThread(Facts, Priced):
    """A refund."""


class OrderThread(Facts):
    """A provider's order that belongs to no payment (yet)."""

    amount: Amount | None = None


class ExceptionThread(Shape):
    """Something that a person must decide: its status says all."""
