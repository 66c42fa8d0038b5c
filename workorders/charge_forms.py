"""The form of a job's charges. It parses; the verb decides."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from core.forms import AmountField, Form
from core.money import display, display_percent
from workorders.domain.charges import MAX_LINES, NO_TAX, ChargeLine
from workorders.forms import SPARE_ROWS, RowFormSet
from workorders.models import Charge, Service, ServiceType, TaxRate

# Choices of a line's tax beside the brand's rates.
FROM_SERVICE, UNTAXED, AS_IT_IS = "", "none", "kept"


def rate_key(rate: TaxRate) -> str:
    """What a form calls a rate: one whose percent changed since is not what was chosen."""
    return f"{rate.pk}@{display_percent(rate.percent)}"


class ChargeForm(Form):
    """One line. Picking a service fills in what is left empty."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    service = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    description = forms.CharField(max_length=240, required=False)
    service_type = forms.ChoiceField(
        label="Type", choices=ServiceType, required=False, initial=ServiceType.STANDARD
    )
    amount = AmountField(required=False)
    tax = forms.ChoiceField(required=False)
    remove = forms.BooleanField(required=False)

    def __init__(
        self,
        *args: Any,
        currency: str = "USD",
        services: Iterable[Service] = (),
        rates: Sequence[TaxRate] = (),
        taxed: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.services = {service.pk: service for service in services}
        self.rates = {rate_key(rate): rate for rate in rates}
        amount = self.fields["amount"]
        assert isinstance(amount, AmountField)
        amount.set_currency(currency)
        self._choose("service", [("", "None: free text"), *_choices(self.services, currency)])
        self._choose("tax", list(self._tax_choices()))
        if not taxed:  # a brand without taxes reads nothing of them
            del self.fields["tax"]

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _tax_choices(self) -> Iterator[tuple[str, str]]:
        if not self.initial.get("id"):
            yield FROM_SERVICE, "From service"
        yield UNTAXED, "No tax"
        if self.initial.get("tax") == AS_IT_IS:
            name, percent = self.initial["copied_tax"]
            yield AS_IT_IS, f"{display_percent(percent)} {name} (as it is)"
        yield from ((k, f"{r.percent_words} {r.name}") for k, r in self.rates.items())

    def clean(self) -> dict[str, Any]:
        """Fill in from the service; then a line needs words and an amount."""
        data = self.cleaned_data
        if data.get("remove") or not self.has_changed():
            return data
        service = self.services.get(data.get("service") or 0)
        if service is not None:
            self._fill(service)
        if not data.get("description") and "description" not in self.errors:
            self.add_error("description", "Say what is being billed, or pick a service.")
        if data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "How much? A discount is negative: −25.00.")
        return data

    def _fill(self, service: Service) -> None:
        data = self.cleaned_data
        data["description"] = data.get("description") or service.name
        if data.get("amount") is None and "amount" not in self.errors:
            data["amount"] = service.default_price
        if "service" not in self.changed_data:
            return
        if "service_type" not in self.changed_data:
            data["service_type"] = service.service_type
        if "tax" in self.fields and "tax" not in self.changed_data and service.tax_rate:
            # A rate that is switched off is no longer among them.
            suggested = rate_key(service.tax_rate)
            data["tax"] = suggested if suggested in self.rates else data.get("tax", "")

    def line(self) -> ChargeLine | None:
        """What this row asks for; None for a blank or removed one."""
        data = self.cleaned_data
        if data.get("remove") or (not data.get("id") and not self.has_changed()):
            return None
        amount = data["amount"]
        assert isinstance(amount, Decimal)
        tax_name, tax_percent = self._tax(data.get("tax", ""))
        return ChargeLine(
            description=data["description"],
            amount=amount,
            id=data.get("id"),
            service_id=data.get("service"),
            service_type=ServiceType(data.get("service_type") or ServiceType.STANDARD),
            tax_name=tax_name,
            tax_percent=tax_percent,
        )

    def _tax(self, chosen: str) -> tuple[str, Decimal]:
        """The tax that the chosen word names; a charge whose row names none keeps its own."""
        rate = self.rates.get(chosen)
        if rate is not None:
            return rate.name, rate.percent
        if chosen == UNTAXED:
            return "", NO_TAX
        copied: tuple[str, Decimal] = self.initial.get("copied_tax", ("", NO_TAX))
        return copied


def _choices(services: dict[int, Service], currency: str) -> Iterator[tuple[int, str]]:
    for service in services.values():
        price = service.default_price
        words = f"{service.name} · {display(price, currency)}" if price else service.name
        yield service.pk, words


ChargeFormSet = forms.formset_factory(
    ChargeForm, formset=RowFormSet, extra=SPARE_ROWS, max_num=MAX_LINES, absolute_max=MAX_LINES
)


def charge_rows(charges: Iterable[Charge], rates: Iterable[TaxRate]) -> list[dict[str, Any]]:
    """Initial values of the charges form; ``rates`` are those that it offers."""
    offered = {(rate.name, rate.percent): rate_key(rate) for rate in rates}
    return [
        {
            "id": c.pk,
            "service": c.service_id,
            "description": c.description,
            "service_type": c.service_type,
            "amount": c.amount,
            "tax": offered.get((c.tax_name, c.tax_percent), AS_IT_IS) if c.tax_percent else UNTAXED,
            "copied_tax": (c.tax_name, c.tax_percent),
        }
        for c in charges
    ]
