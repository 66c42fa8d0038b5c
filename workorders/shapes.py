"""The typed data of entries about jobs, charges, people, notes, messages and the catalogue.

Amounts are exact, in the brand's currency; moments are text as they were captured.
"""

from pydantic import Field

from activity.shapes import Amount, Diff, Part, Shape


class ChargeRow(Part):
    """A charge as it was. Entries from before there was any tax have none."""

    description: str = ""
    amount: Amount
    service_type: str = ""
    tax_name: str = ""
    tax_percent: Amount | None = None
    tax_amount: Amount | None = None


class ContactRow(Part):
    """A person on a job."""

    role: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    gets_invoices: bool = False


class BillLine(Part):
    """What became of one charge: added, changed or deleted (``op`` I, U, D)."""

    op: str = "U"
    before: ChargeRow | None = None
    after: ChargeRow | None = None


class Bill(Part):
    """The touched charges, and their sums before and after, without tax."""

    lines: list[BillLine] = []
    before: Amount = Field(alias="from")
    after: Amount = Field(alias="to")


class Changed(Shape):
    """One row that was added, changed or deleted (``op`` I, U, D)."""

    op: str = "U"
    diff: Diff = {}


class BilledEntry(Shape):
    """Charges that were added, changed or removed."""

    bill: Bill


class JobEntry(Changed):
    """A job that changed, with the charges that changed with it."""

    number: str = ""
    bill: Bill


class BookedEntry(JobEntry):
    """A job as it was booked, with its people."""

    client_id: int | None = None
    status: str = ""
    published_at: str = ""
    scheduled_for: str = ""
    inspector: str = ""
    address: str = ""
    origin: str = ""
    fee_disabled: bool = False
    reason: str = ""
    contacts: list[ContactRow] = []


class SwitchEntry(Changed):
    """A dated switch of a job's card fee."""

    disabled: bool = False
    reason: str = ""


class ContactEntry(Changed, ContactRow):
    """A person on a job."""


class NoteEntry(Changed):
    """A note of staff."""

    text: str = ""


class MessageEntry(Changed):
    """A message, call or agreement."""

    kind: str = ""
    person: str = ""
    text: str = ""


class ClientEntry(Changed):
    """A client."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_number: str = ""


class ServiceEntry(Changed):
    """A service of the catalogue."""

    name: str = ""
    service_type: str = ""
    default_price: Amount | None = None
    tax_rate_id: int | None = None
    is_active: bool = False


class TaxRateEntry(Changed):
    """A tax rate of the catalogue."""

    name: str = ""
    percent: Amount
    is_active: bool = False
