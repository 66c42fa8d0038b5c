"""Clients of a brand, and the people on one job."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import clock
from workorders.domain import fingerprint
from workorders.domain.locks import lock_work_order
from workorders.models import Client, Contact, ContactRole, WorkOrder

MAX_CONTACTS = 50


@dataclass(frozen=True)
class NewClient:
    """Somebody who is not among the brand's clients yet."""

    name: str
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_number: str = ""


@dataclass(frozen=True)
class ContactLine:
    """One person as they shall stand on the job. ``id`` None adds them."""

    name: str
    role: ContactRole
    email: str = ""
    phone: str = ""
    gets_invoices: bool = False
    id: int | None = None


def create_client(
    brand: Brand,
    *,
    name: str,
    email: str = "",
    phone: str = "",
    address: str = "",
    tax_number: str = "",
) -> Client:
    """Somebody new whom the brand works for. ValidationError names ``name``."""
    rest = {"email": email, "phone": phone, "address": address, "tax_number": tax_number}
    cleaned = {field: " ".join(value.split()) for field, value in rest.items()}
    return Client.objects.create(brand=brand, name=_named(name), **cleaned)


@transaction.atomic
def edit_client(
    brand: Brand,
    client_id: int,
    *,
    name: str,
    email: str,
    phone: str,
    address: str | None = None,
    tax_number: str | None = None,
) -> Client:
    """Correct a client's own data; an address or tax number of None stays as it is.

    Contacts on jobs and issued documents keep what they had then (docs/decisions/020). Raises
    ``Client.DoesNotExist`` for another brand's, ValidationError naming ``name``.
    """
    client = Client.objects.select_for_update(no_key=True).get(brand=brand, pk=client_id)
    rest = {"email": email, "phone": phone, "address": address, "tax_number": tax_number}
    values = {field: " ".join(value.split()) for field, value in rest.items() if value is not None}
    for field, value in {"name": _named(name), **values}.items():
        setattr(client, field, value)
    client.save(update_fields=["name", *values])
    return client


def contacts_fingerprint(contacts: Sequence[Contact]) -> str:
    """What a form carries to notice that the contacts changed meanwhile."""
    return fingerprint.fingerprint(
        (c.pk, c.role, c.name, c.email, c.phone, c.gets_invoices, c.position) for c in contacts
    )


@transaction.atomic
def replace_contacts(
    brand: Brand, work_order_id: int, lines: Sequence[ContactLine], *, expected: str | None = None
) -> list[Contact]:
    """Make ``lines`` the job's contacts, in their order.

    Raises ValidationError naming ``name``, ``email`` (who gets invoices needs one) or
    ``contacts``, and when ``expected`` (a ``contacts_fingerprint``) is outdated.
    """
    job = lock_work_order(brand, work_order_id)
    before = list(job.contacts.all())
    fingerprint.check(expected, contacts_fingerprint(before))
    _check(lines, {c.pk for c in before})
    remaining = {line.id for line in lines}
    gone = [c.pk for c in before if c.pk not in remaining]
    if gone:
        Contact.objects.filter(pk__in=gone).delete()
    _write(job, {c.pk: c for c in before}, lines)
    return list(job.contacts.all())


def _check(lines: Sequence[ContactLine], known: set[int]) -> None:
    if len(lines) > MAX_CONTACTS:
        raise ValidationError({"contacts": f"At most {MAX_CONTACTS} people."})
    ids = [line.id for line in lines if line.id is not None]
    if len(ids) != len(set(ids)) or not set(ids) <= known:
        raise ValidationError(fingerprint.CHANGED, code="changed")
    for line in lines:
        _named(line.name)
        if line.gets_invoices and not line.email.strip():
            raise ValidationError({"email": f"{line.name} gets invoices: an e-mail is needed."})


def _write(job: WorkOrder, before: dict[int, Contact], lines: Sequence[ContactLine]) -> None:
    for position, line in enumerate(lines):
        contact = before.get(line.id or 0) or Contact(
            brand=job.brand, work_order=job, happened_at=clock.now()
        )
        contact.role, contact.name = line.role, _named(line.name)
        contact.email, contact.phone = line.email.strip(), line.phone.strip()
        contact.gets_invoices, contact.position = line.gets_invoices, position
        contact.save()


def _named(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise ValidationError({"name": "A name is needed."})
    return cleaned
