"""Forms of money that goes back. They parse; the verbs decide."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from core import moments
from core.forms import AmountField, Form
from core.money import display
from payments.forms.manual import DayField
from payments.models import Method, Payment, PaymentAllocation
from payments.providers.registry import kind_of
from payments.refunds.preview import Done, Owes

DONE, QUEUE = "done", "queue"


def reason_field(label: str, limit: int = 500) -> forms.CharField:
    """A question for a reason that the timeline shows."""
    return forms.CharField(
        max_length=limit,
        label=label,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is shown on the timeline, with your name.",
    )


def who_moves(payment: Payment) -> str:
    """Who sends the money back: the provider, or we by hand ("")."""
    kind = kind_of(payment.provider)
    return kind.label if kind.moves_money else ""


def reference_label(payment: Payment) -> str:
    """What the reference of a refund is called."""
    if who := who_moves(payment):
        return f"{who}’s reference of the refund"
    if payment.method == Method.CHECK:
        return "Number of the check that went out"
    return "Receipt or reference"


class RefundForm(Form):
    """How much of a payment goes back, what that means for the bill, and how it goes."""

    job = forms.TypedChoiceField(coerce=int, label="From the share of")
    services = AmountField(label="Services part")
    owes = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    how = forms.ChoiceField(widget=forms.RadioSelect, label="How does it go back?", initial=QUEUE)
    reference = forms.CharField(max_length=120, required=False)
    done_on = DayField(required=False, label="Refunded on")
    reason = reason_field("Why?")

    def __init__(
        self, *args: Any, payment: Payment, shares: Sequence[PaymentAllocation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self._choose("job", [(s.work_order_id, s.work_order.number) for s in shares])
        if len(shares) == 1:
            del self.fields["job"]
        who = who_moves(payment)
        done = f"I have refunded it at {who} already" if who else "It went out or was handed over"
        later = f"Queue it: somebody refunds it at {who} later" if who else "Queue it for later"
        self._choose("how", [(QUEUE, later), (DONE, done)])
        self.fields["reference"].label = reference_label(payment)
        self.fields["reference"].help_text = kind_of(payment.provider).refund_reference_hint
        self.fields["done_on"].initial = moments.today(payment.brand.time_zone)
        amount = self.fields["services"]
        assert isinstance(amount, AmountField)
        amount.set_currency(payment.currency)

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def only_fee(self) -> None:
        """Of a payment that is all fee nothing is asked but why and how."""
        self.fields["services"].required = False
        self.fields["services"].widget = forms.HiddenInput()

    def ask(self, asks: Decimal) -> None:
        """The question about ``asks``, the part that is no surplus."""
        sum_ = display(asks, self.payment.currency)
        field = self.fields["owes"]
        field.label = f"Does the client owe the {sum_} again?"
        field.required = True
        again = f"Yes: {sum_} is due again"
        self._choose(
            "owes",
            [
                (Owes.LESS.value, f"No, they owe less: a credit note of {sum_} goes with it"),
                (Owes.AGAIN.value, again),
            ],
        )

    def no_question(self) -> None:
        """All of it is surplus."""
        self.fields.pop("owes", None)

    def clean(self) -> dict[str, Any]:
        """What is done already has a reference and a day."""
        data = super().clean() or {}
        if data.get("how") == DONE:
            if not data.get("reference") and "reference" not in self.errors:
                self.add_error("reference", "Enter the reference, so that it can be found again.")
            if not data.get("done_on") and "done_on" not in self.errors:
                self.add_error("done_on", "On which day?")
        return data

    def done(self) -> Done | None:
        """Where it went back already; None queues it."""
        data = self.cleaned_data
        if data["how"] != DONE:
            return None
        return Done(
            data["reference"], moments.instant_of(data["done_on"], self.payment.brand.time_zone)
        )


class RefundDoneForm(Form):
    """A queued refund that went back."""

    reference = forms.CharField(max_length=120)
    done_on = DayField(label="Refunded on")


class RefundFailedForm(Form):
    """A refund that did not arrive."""

    why = reason_field("What did the bank or the provider say?", limit=300)


class RefundCancelForm(Form):
    """A queued refund that is not wanted after all."""

    reason = reason_field("Why is it not wanted after all?", limit=300)
