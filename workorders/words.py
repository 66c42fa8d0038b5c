"""Words for the columns and values of jobs, people and the catalogue. Pure."""

from collections.abc import Mapping
from typing import Any

from core import moments
from core.money import display_percent
from workorders.models import ContactRole, MessageKind, Origin, ServiceType, WorkOrderStatus

LABELS = {
    "number": "Number",
    "client_id": "Client",
    "status": "Status",
    "published_at": "Report published",
    "scheduled_for": "Scheduled for",
    "inspector": "Inspector",
    "address": "Address",
    "origin": "Origin",
    "fee_disabled": "Card fee switched off",
    "disabled": "Card fee switched off",
    "reason": "Reason",
    "role": "Role",
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "tax_number": "Tax number",
    "gets_invoices": "Gets invoices",
    "service_type": "Type",
    "default_price": "Price",
    "is_active": "Active",
    "kind": "Kind",
    "person": "With",
    "text": "Text",
    "description": "Description",
    "amount": "Amount",
    "percent": "Percent",
    "tax_rate_id": "Tax rate",
    "tax_amount": "Tax",
}

CHOICES: dict[str, Mapping[str, str]] = {
    "status": dict(WorkOrderStatus.choices),
    "origin": dict(Origin.choices),
    "role": dict(ContactRole.choices),
    "service_type": dict(ServiceType.choices),
    "kind": dict(MessageKind.choices),
}


def value_words(name: str, value: Any) -> str:
    """A stored value as a person reads it."""
    if value in (None, ""):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "percent":
        return display_percent(value)
    if name == "tax_rate_id":
        return f"no. {value}"
    if name.endswith("_at") or name == "scheduled_for":
        return moments.stored_moment_text(value, seconds=False)
    return str(CHOICES.get(name, {}).get(value, moments.in_words(value)))
