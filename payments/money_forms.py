"""Forms of money that goes back, and of cancelling a job. They parse; the verbs decide."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from core.forms import AmountField
from core.money import display
from payments.domain.cancelling import Held, Plan, Remains
from payments.domain.refunding import Done, Owes
from payments.forms import DayField, instant_of, local_today
from payments.models import Method, Payment, PaymentAllocation, Provider
from workorders.domain.charges import ChargeLine
from workorders.models import Service, ServiceType, WorkOrder

DONE, QUEUE = "done", "queue"
OTHER = ""


def _reason(label: str, limit: int = 500) -> forms.CharField:
    return forms.CharField(
        max_length=limit,
        label=label,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on the timeline, with your name.",
    )


def who_moves(payment: Payment) -> str:
    """Who sends the money back: the provider, or we by hand ("")."""
    by_hand = payment.provider in (Provider.MANUAL, Provider.QUICKBOOKS)
    return "" if by_hand else str(Provider(payment.provider).label)


def reference_label(payment: Payment) -> str:
    """What the reference of a refund is called."""
    if who := who_moves(payment):
        return f"{who}’s reference of the refund"
    if payment.method == Method.CHECK:
        return "Number of the check that went out"
    return "Receipt or reference"


class RefundForm(forms.Form):
    """How much of a payment goes back, what that means for the bill, and how it goes."""

    job = forms.TypedChoiceField(coerce=int, label="From the share of")
    services = AmountField(label="Services part")
    owes = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    how = forms.ChoiceField(widget=forms.RadioSelect, label="How does it go back?", initial=QUEUE)
    reference = forms.CharField(max_length=120, required=False)
    done_on = DayField(required=False, label="Refunded on")
    reason = _reason("Why?")

    def __init__(
        self, *args: Any, payment: Payment, shares: Sequence[PaymentAllocation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self._choose("job", [(s.work_order_id, s.work_order.number) for s in shares])
        if len(shares) == 1:
            del self.fields["job"]
        who, money = who_moves(payment), payment.get_method_display().lower()
        done = f"I have refunded it at {who} already" if who else "It went out or was handed over"
        later = f"Queue it: somebody refunds it at {who} later" if who else "Queue it for later"
        self._choose("how", [(QUEUE, later), (DONE, done)])
        self.fields["reference"].label = reference_label(payment)
        if who == "Stripe" and money:
            self.fields["reference"].help_text = "It begins with re_."
        self.fields["done_on"].initial = local_today(payment.brand)
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
        return Done(data["reference"], instant_of(data["done_on"], self.payment.brand))


class RefundDoneForm(forms.Form):
    """A queued refund that went back."""

    reference = forms.CharField(max_length=120)
    done_on = DayField(label="Refunded on")


class RefundFailedForm(forms.Form):
    """A refund that did not arrive."""

    why = _reason("What did the bank or the provider say?", limit=300)


class RefundCancelForm(forms.Form):
    """A queued refund that is not wanted after all."""

    reason = _reason("Why is it not wanted after all?", limit=300)


class CancelForm(forms.Form):
    """What remains billed, and what happens to money that is then too much."""

    remains = forms.ChoiceField(widget=forms.RadioSelect, label="What stays billed?")
    service = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label="Cancellation service"
    )
    description = forms.CharField(
        max_length=240,
        required=False,
        help_text="The client reads it on the invoice. Empty: the service’s name.",
    )
    amount = AmountField(required=False, help_text="Empty: the service’s usual price.")
    money = forms.ChoiceField(widget=forms.RadioSelect, label="And money that is then too much?")
    reason = _reason("Why is it cancelled?")

    def __init__(
        self,
        *args: Any,
        work_order: WorkOrder,
        services: Sequence[Service],
        billed: Decimal,
        held: bool,
        may_return: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        currency = work_order.brand.currency
        self.services = {service.pk: service for service in services}
        remains = [(Remains.NOTHING.value, "Nothing"), (Remains.FEE.value, "A cancellation fee")]
        if billed:
            told = f"Everything: {display(billed, currency)}"
            remains.append((Remains.EVERYTHING.value, told))
        self._choose("remains", remains)
        named = [(s.pk, _named(s, currency)) for s in services]
        self._choose("service", [*named, (OTHER, "Other: describe it")])
        self._choose("money", _money_choices(may_return=may_return))
        if not held:
            del self.fields["money"]
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)
        amount.set_currency(currency)

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """A fee has words and an amount, its own or its service's."""
        data = super().clean() or {}
        if data.get("remains") != Remains.FEE:
            return data
        service = self.services.get(data.get("service") or 0)
        data["description"] = data.get("description") or (service.name if service else "")
        if not data["description"] and "description" not in self.errors:
            self.add_error("description", "Say what is billed, or pick a service.")
        if "amount" not in self.errors and data.get("amount") is None:
            data["amount"] = service.default_price if service else None
            if data["amount"] is None:
                self.add_error("amount", "How much stays billed?")
        if (amount := data.get("amount")) is not None and amount <= 0:
            self.add_error("amount", "Enter an amount above zero, or choose Nothing.")
        return data

    def plan(self) -> Plan:
        """What was chosen."""
        data = self.cleaned_data
        remains = Remains(data["remains"])
        money = Held(data.get("money") or Held.KEEP)
        return Plan(remains, money, data["reason"], self._fee() if remains == Remains.FEE else None)

    def _fee(self) -> ChargeLine:
        data = self.cleaned_data
        service = self.services.get(data.get("service") or 0)
        rate = service.tax_rate if service and service.tax_rate_id else None
        taxed = {"tax_name": rate.name, "tax_percent": rate.percent} if rate else {}
        return ChargeLine(
            description=data["description"],
            amount=data["amount"],
            service_id=service.pk if service else None,
            service_type=ServiceType.CANCELLATION,
            **taxed,  # type: ignore[arg-type]  # a name and a percentage
        )


def _named(service: Service, currency: str) -> str:
    price = service.default_price
    return f"{service.name} · {display(price, currency)}" if price else service.name


def _money_choices(*, may_return: bool) -> list[tuple[str, str]]:
    keep = (Held.KEEP.value, "Leave it: the job reads Overpaid until somebody returns it")
    if not may_return:
        return [keep]
    return [
        (Held.REFUND.value, "Refund it, with the fee that belongs to it"),
        (Held.CREDIT.value, "Keep it as the client’s credit for other jobs"),
        keep,
    ]
