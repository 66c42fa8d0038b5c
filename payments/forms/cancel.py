"""The form of cancelling a job. It parses; the verbs decide."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from core.forms import AmountField, Form
from core.money import display, total
from invoicing.domain.issuing import Notes
from invoicing.models import ClientCredit
from payments.cancelling.cancel import Held, Plan, Remains
from payments.forms.refunds import reason_field
from workorders.domain.charges import ChargeLine
from workorders.models import Service, ServiceType, WorkOrder

OTHER = ""


class CancelForm(Form):
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
    money = forms.ChoiceField(
        widget=forms.RadioSelect, label="What happens to money that is then overpaid?"
    )
    notes = forms.ChoiceField(widget=forms.RadioSelect)
    reason = reason_field("Why is it cancelled?")

    def __init__(
        self,
        *args: Any,
        work_order: WorkOrder,
        services: Sequence[Service],
        billed: Decimal,
        held: bool,
        may_return: bool,
        notes: Sequence[ClientCredit] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        currency = work_order.brand.currency
        self.services = {service.pk: service for service in services}
        remains = [(Remains.NOTHING.value, "Nothing"), (Remains.FEE.value, "A cancellation fee")]
        if billed:
            everything = f"Everything: {display(billed, currency)}"
            remains.append((Remains.EVERYTHING.value, everything))
        self._choose("remains", remains)
        named = [(s.pk, _named(s, currency)) for s in services]
        self._choose("service", [*named, (OTHER, "Other: describe it")])
        self._choose("money", _money_choices(may_return=may_return))
        if not held:
            del self.fields["money"]
        if not held or not may_return or not notes:
            del self.fields["notes"]
        else:
            self._ask_about(notes, currency)
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)
        amount.set_currency(currency)

    def _ask_about(self, notes: Sequence[ClientCredit], currency: str) -> None:
        """What becomes of notes that lower a bill which is lower then."""
        names = " and ".join(note.label for note in notes)
        sum_ = display(total((note.amount for note in notes), currency), currency)
        self.fields["notes"].label = f"What if the bill does not need {names}, {sum_}, any more?"
        self._choose(
            "notes",
            [
                (Notes.VOID.value, "Void it: it lowered what is not billed any more"),
                (Notes.KEEP.value, "Keep it as the client’s credit for other jobs"),
            ],
        )

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
        fee = self._fee() if remains == Remains.FEE else None
        return Plan(remains, money, data["reason"], fee, Notes(data.get("notes") or Notes.VOID))

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
    keep = (Held.KEEP.value, "Leave it: the job shows Overpaid until somebody returns it")
    if not may_return:
        return [keep]
    return [
        (Held.REFUND.value, "Refund it, with the fee that belongs to it"),
        (Held.CREDIT.value, "Keep it as the client’s credit for other jobs"),
        keep,
    ]
