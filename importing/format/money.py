"""The money of a job in an import file: attempts, payments, refunds, disputes, provider steps."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from importing.format.base import Happening, Strict, about
from importing.format.kinds import (
    Anything,
    At,
    Day,
    Key,
    NotNegative,
    Positive,
    Reference,
    Short,
    Word,
)
from importing.format.providers import ProviderSlug
from payments.models import (
    AttemptStatus,
    DisputeStatus,
    Funding,
    Method,
    PaymentStatus,
    RefundStatus,
)

ShareOf = Annotated[
    str | None,
    about(
        "The job whose share it takes, of a payment over several; else all share it.",
        "CED1042",
        min_length=1,
    ),
]


class ProviderStep(Strict):
    """One entry of an older system’s ``statusHistory``; becomes one provider event."""

    event_id: Annotated[
        Reference | None,
        about("The provider’s id. Without one it is made of order, position and content."),
    ] = None
    status: Annotated[
        str, about("Verbatim; unknown ones are stored.", "funded", min_length=1, max_length=80)
    ]
    at: Annotated[At, about("When the provider says it happened.", "2026-05-04T08:14:00-06:00")]
    amount: Annotated[Positive | None, about("Gross, of this fact.", "340.52")] = None
    fee_amount: Annotated[NotNegative | None, about("Technology fee in it.", "11.52")] = None
    refund_id: Annotated[Reference | None, about("The refund that it is about.")] = None
    detail: Annotated[str, about("In words.", "Funded to inspector", max_length=1000)] = ""
    data: Annotated[
        Anything,
        about("Whatever else came with it, as it came.", {"docs": {"agreement": "signed"}}),
    ] = Field(default_factory=dict)


class AttemptStep(Happening):
    """What became of an attempt."""

    status: Annotated[AttemptStatus, about("Its status then.", "failed")]
    failure_code: Annotated[Word, about("Bank’s or provider’s code.", "R01")] = ""
    decline_code: Annotated[Word, about("The finer code of a decline.")] = ""
    failure_message: Annotated[Short, about("In the provider’s words.")] = ""


class Instrument(Strict):
    """With what was paid."""

    method: Annotated[Method, about("With what.", "card")]
    provider: Annotated[ProviderSlug, about("Who moved the money, or wrote it down.", "stripe")]
    card_brand: Annotated[Word, about("Card network, or the bank.", "visa", max_length=30)] = ""
    last4: Annotated[
        str, about("Last four of card or account.", "4242", pattern=r"^([0-9]{4})?$")
    ] = ""
    funding: Annotated[Funding | None, about("How the card is funded.", "credit")] = None
    references: Annotated[
        tuple[Reference, ...], about("The provider’s ids, for search.", ["pi_3PqR", "ch_3PqR"])
    ] = ()


class ProviderOrder(Strict):
    """An order of a provider that reports each step (Guardian, FlexFund)."""

    order_id: Annotated[
        Annotated[str, Field(max_length=110)], about("The provider’s order.", "ORD-88213")
    ] = ""
    status_history: Annotated[
        tuple[ProviderStep, ...],
        about("The provider’s status history, oldest first.", alias="statusHistory"),
    ] = ()
    order_status: Annotated[
        ProviderStep | None,
        about(
            "The order as it is now. One more event, unless the history already ends with "
            "this status and data.",
            alias="orderStatus",
        ),
    ] = None

    @property
    def provider_steps(self) -> tuple[ProviderStep, ...]:
        """Every step of the order, the present one last."""
        last = self.status_history[-1] if self.status_history else None
        now = self.order_status
        if now is None or (last and (last.status, last.data) == (now.status, now.data)):
            return self.status_history
        if now in self.status_history:
            return self.status_history
        return (*self.status_history, now)


class AttemptIn(Happening, Instrument, ProviderOrder):
    """One try at a payment, also where no payment came of it.

    With ``statusHistory`` it is what the provider’s events make of it, and has no ``status``.
    """

    id: Annotated[Key | None, about("The attempt’s id; without one its position counts.")] = None
    status: Annotated[
        AttemptStatus | None,
        about("Its status at `at`; not next to `statusHistory`.", "failed"),
    ] = None
    amount: Annotated[Positive, about("Gross, fee included.", "412.30")]
    fee_expected: Annotated[
        NotNegative | None, about("The fee that was quoted for it.", "17.95")
    ] = None
    failure_code: Annotated[Word, about("Provider’s code.", "card_declined")] = ""
    decline_code: Annotated[Word, about("The finer code.", "insufficient_funds")] = ""
    failure_message: Annotated[Short, about("In the provider’s words.")] = ""
    history: Annotated[tuple[AttemptStep, ...], about("What became of it.")] = ()


class RefundStep(Happening):
    """What became of a refund."""

    status: Annotated[RefundStatus, about("Its status then.", "completed")]
    failure_reason: Annotated[Short, about("Why it failed.", "Account closed")] = ""


class RefundIn(Happening):
    """Money on its way back."""

    id: Annotated[Key | None, about("The refund’s id; without one its position counts.")] = None
    status: Annotated[RefundStatus, about("Its status at `at`.", "queued")]
    amount: Annotated[Positive, about("Gross, fee part included.", "211.14")]
    fee_amount: Annotated[
        NotNegative | None,
        about("The fee’s part of it; without it, the share that follows from the amount.", "7.14"),
    ] = None
    reason: Annotated[Short, about("Why.", "Cancelled the same day")] = ""
    failure_reason: Annotated[Short, about("Why it failed.")] = ""
    destination: Annotated[
        Short, about("Where it goes; without it the payment’s card.", "Visa •4242", max_length=120)
    ] = ""
    provider_refund_id: Annotated[
        Annotated[str, Field(max_length=120)], about("The provider’s id.", "re_3PqR")
    ] = ""
    work_order: ShareOf = None
    history: Annotated[tuple[RefundStep, ...], about("What became of it.")] = ()


class DisputeStep(Happening):
    """What became of a dispute."""

    status: Annotated[DisputeStatus, about("Its status then.", "lost")]


class DisputeIn(Happening):
    """The client’s bank takes the money back, or tries to; a late ACH return, too.

    The payment follows by itself: *disputed* while open, *received* again when won, *charged
    back* when lost. Lost over less than the payment, it stays *received* less that amount.
    """

    id: Annotated[
        Reference | None,
        about("The provider’s id; needed where a payment has several.", "dp_3PqR"),
    ] = None
    status: Annotated[DisputeStatus, about("Its status at `at`.", "open")]
    amount: Annotated[Positive, about("What the bank takes back.", "412.30")]
    work_order: ShareOf = None
    reason_code: Annotated[Word, about("The bank’s code.", "R10")] = ""
    reason: Annotated[Short, about("In words.", "Not authorised, says the account holder")] = ""
    evidence_due_on: Annotated[Day | None, about("Answer by.", "2026-06-01")] = None
    history: Annotated[tuple[DisputeStep, ...], about("What became of it.")] = ()


class Share(Strict):
    """What of a payment pays another job (or this one)."""

    work_order: Annotated[
        str, about("Number of a job that is already there, or this one.", "CED1042", min_length=1)
    ]
    amount: Annotated[Positive, about("Gross share.", "300.00")]
    fee_amount: Annotated[NotNegative, about("Fee in it.")] = Decimal(0)


class PaymentStep(Happening):
    """What changed on a payment. Only the keys that changed are given."""

    status: Annotated[PaymentStatus | None, about("The new status.", "completed")] = None
    provider_status: Annotated[Word | None, about("The provider’s word for it.")] = None
    amount: Annotated[Positive | None, about("Corrected gross amount.", "310.00")] = None
    fee_amount: Annotated[NotNegative | None, about("Corrected fee in it.")] = None
    reference: Annotated[Reference | None, about("Corrected check number or reference.")] = None
    references: Annotated[tuple[Reference, ...] | None, about("All of the provider’s ids.")] = None
    failure_code: Annotated[Word | None, about("Provider’s code.", "R01")] = None
    failure_message: Annotated[Short | None, about("In the provider’s words.")] = None
    confirmed: Annotated[
        bool, about("The actor confirmed that the money is there.", strict=True)
    ] = False
    reconciled_note: Annotated[
        Short | None, about("The actor reconciled it, with this note.", "Deposit of 12 May")
    ] = None
    note: Annotated[Short | None, about("New note.", "Check is in the mail")] = None
    follow_up_on: Annotated[Day | None, about("Look at it again on.", "2026-05-20")] = None
    reason: Annotated[Short | None, about("Why it was corrected or voided.")] = None


class PaymentIn(Happening, Instrument, ProviderOrder):
    """Money that was sent or promised.

    Either with a ``status`` of its own, or with ``statusHistory`` (and ``orderStatus``): then its
    status, attempts, refunds and disputes follow from the provider’s events, by the same rules as
    for events that arrive live. A refund next to it is one that staff asked for; it needs the
    ``provider_refund_id`` that the events name.
    """

    id: Annotated[Key | None, about("The payment’s id; without one its position counts.")] = None
    status: Annotated[
        PaymentStatus | None, about("Its status at `at`; not next to `statusHistory`.")
    ] = None
    amount: Annotated[Positive, about("Gross, fee included.", "340.52")]
    fee_amount: Annotated[
        NotNegative | None,
        about("Technology fee in it; without it, what follows from the price by card.", "11.52"),
    ] = None
    payer_name: Annotated[Short, about("Who paid.", "Priya Raman", max_length=160)] = ""
    provider_status: Annotated[Word, about("The provider’s word for its status.")] = ""
    reference: Annotated[
        Annotated[str, Field(max_length=120)], about("Check number, wire reference.", "1234")
    ] = ""
    failure_code: Annotated[Word, about("Provider’s code.")] = ""
    failure_message: Annotated[Short, about("In the provider’s words.")] = ""
    note: Annotated[Short, about("Note of staff.", "Check is in the mail")] = ""
    follow_up_on: Annotated[Day | None, about("Look at it again on.")] = None
    shares: Annotated[
        tuple[Share, ...], about("For one check over several jobs; they sum to the amount.")
    ] = ()
    attempts: Annotated[tuple[AttemptIn, ...], about("Tries that made this payment.")] = ()
    refunds: Annotated[tuple[RefundIn, ...], about("Money that went back.")] = ()
    disputes: Annotated[tuple[DisputeIn, ...], about("What the client’s bank took back.")] = ()
    history: Annotated[tuple[PaymentStep, ...], about("What became of it.")] = ()
