"""Forms of jobs, charges, people and services. They parse; the verbs decide."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import Brand
from core.forms import AmountField, Form, PercentField
from workorders.domain.jobs import JobDetails
from workorders.domain.notes import MAX_LENGTH as MAX_NOTE
from workorders.domain.people import MAX_CONTACTS, ContactLine, NewClient
from workorders.models import Client, Contact, ContactRole, ServiceType, TaxRate, WorkOrder

# Blank rows that a form offers to somebody without JavaScript.
SPARE_ROWS = 3
LOCAL_TIME = "%Y-%m-%dT%H:%M"


class DetailsForm(Form):
    """Where and when a job is, and who goes. Times are in the brand's zone."""

    address = forms.CharField(max_length=240, required=False)
    scheduled_for = forms.DateTimeField(
        required=False,
        label="Date and time",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_TIME),
        input_formats=[LOCAL_TIME, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    inspector = forms.CharField(max_length=120, required=False)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheduled_for"].help_text = f"In {brand.time_zone} time."

    @staticmethod
    def initial_of(job: WorkOrder) -> dict[str, Any]:
        """The job as it is now."""
        return {
            "address": job.address,
            "scheduled_for": job.scheduled_for,
            "inspector": job.inspector,
        }

    def details(self) -> JobDetails:
        """What was typed."""
        data = self.cleaned_data
        return JobDetails(data["address"], data["scheduled_for"], data["inspector"])


class ClientForm(Form):
    """A client's own data."""

    name = forms.CharField(max_length=160)
    email = forms.EmailField(required=False, label="E-mail")
    phone = forms.CharField(max_length=40, required=False)
    address = forms.CharField(
        max_length=240,
        required=False,
        label="Billing address",
        help_text="Invoices that are issued from now on print it.",
    )
    tax_number = forms.CharField(max_length=40, required=False, label="Tax number")


class NewWorkOrderForm(DetailsForm):
    """A job, for a client who was picked or is new."""

    client_name = forms.CharField(max_length=160, required=False, label="Client’s name")
    client_email = forms.EmailField(required=False, label="Client’s e-mail")
    client_phone = forms.CharField(max_length=40, required=False, label="Client’s phone")
    number = forms.CharField(max_length=40, required=False, label="Job number")

    field_order = (
        "client_name", "client_email", "client_phone",
        "address", "scheduled_for", "inspector", "number",
    )  # fmt: skip

    def __init__(self, *args: Any, brand: Brand, picked: Client | None, **kwargs: Any) -> None:
        super().__init__(*args, brand=brand, **kwargs)
        self.picked = picked
        self.fields[
            "number"
        ].help_text = f"Leave empty for the next number of {brand.number_prefix}."
        if picked is not None:
            for name in ("client_name", "client_email", "client_phone"):
                del self.fields[name]
        else:
            self.fields["client_name"].required = True

    def client(self) -> Client | NewClient:
        """Whom the job is for."""
        if self.picked is not None:
            return self.picked
        data = self.cleaned_data
        return NewClient(data["client_name"], data["client_email"], data["client_phone"])


class ContactForm(Form):
    """One person on the job."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    role = forms.ChoiceField(choices=ContactRole, initial=ContactRole.BUYERS_AGENT)
    name = forms.CharField(max_length=160)
    email = forms.EmailField(required=False, label="E-mail")
    phone = forms.CharField(max_length=40, required=False)
    gets_invoices = forms.BooleanField(required=False)
    remove = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Who gets invoices needs an e-mail address."""
        data = self.cleaned_data
        if data.get("gets_invoices") and not data.get("email") and "email" not in self.errors:
            self.add_error("email", "Somebody who gets invoices needs an e-mail address.")
        return data

    def line(self) -> ContactLine | None:
        """What this row asks for; None for a blank or removed one."""
        data = self.cleaned_data
        if data.get("remove") or not data.get("name"):
            return None
        return ContactLine(
            name=data["name"],
            role=ContactRole(data["role"]),
            email=data["email"],
            phone=data["phone"],
            gets_invoices=data["gets_invoices"],
            id=data.get("id"),
        )


if TYPE_CHECKING:
    # Generic in the stubs only.
    _Rows = forms.BaseFormSet[Any]
else:
    _Rows = forms.BaseFormSet


class RowFormSet(_Rows):
    """Rows of a list; ``fingerprint`` notices that somebody else changed it meanwhile."""

    def lines(self) -> list[Any]:
        """What all rows ask for, in their order."""
        return [line for form in self.forms if (line := form.line()) is not None]

    def full_clean(self) -> None:
        """A row that is to be removed may hold anything."""
        super().full_clean()
        for form in self.forms if self.is_bound else ():
            if getattr(form, "cleaned_data", {}).get("remove"):
                form.errors.clear()

    @property
    def error_total(self) -> int:
        """How many errors the rows have together."""
        return sum(len(form.errors) for form in self.forms)


ContactFormSet = forms.formset_factory(
    ContactForm, formset=RowFormSet, extra=SPARE_ROWS - 1, max_num=MAX_CONTACTS,
    absolute_max=MAX_CONTACTS,
)  # fmt: skip


def contact_rows(contacts: Iterable[Contact]) -> list[dict[str, Any]]:
    """Initial values of the contacts form."""
    return [
        {
            "id": c.pk,
            "role": c.role,
            "name": c.name,
            "email": c.email,
            "phone": c.phone,
            "gets_invoices": c.gets_invoices,
        }
        for c in contacts
    ]


class NoteForm(Form):
    """An internal note."""

    text = forms.CharField(
        label="Note",
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Only staff see it.",
    )


class ServiceForm(Form):
    """A catalogue item."""

    name = forms.CharField(max_length=160)
    service_type = forms.ChoiceField(
        label="Type",
        choices=ServiceType,
        help_text="A cancellation is billed like any line; it does not cancel the job.",
    )
    default_price = AmountField(required=False, label="Usual price")
    tax_rate = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="Tax",
        help_text="Suggested on new charges, like the price.",
    )
    is_active = forms.BooleanField(required=False, initial=True, label="Offer it on new charges")

    def __init__(
        self, *args: Any, currency: str, rates: Sequence[TaxRate] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        tax = self.fields["tax_rate"]
        assert isinstance(tax, forms.ChoiceField)
        tax.choices = [("", "No tax"), *((rate.pk, str(rate)) for rate in rates)]
        if not rates:  # a brand without taxes reads nothing of them
            del self.fields["tax_rate"]
        price = self.fields["default_price"]
        assert isinstance(price, AmountField)
        price.set_currency(currency)
        price.help_text = f"In {currency}. Leave empty where it differs from job to job."


class TaxRateForm(Form):
    """A tax that is added to lines."""

    name = forms.CharField(max_length=60, help_text="Clients see it on their invoice.")
    percent = PercentField(help_text="Like 8.25. It comes on top of the price.")
    is_active = forms.BooleanField(required=False, initial=True, label="Offer it on new charges")


class ReasonForm(Form):
    """Why something is done; the timeline shows it."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Shown on the job’s timeline.",
    )

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = required
