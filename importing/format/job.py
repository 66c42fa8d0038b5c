"""The shape of one line of an import file: a job with everything that happened to it.

Values of a thing are as they were at its own ``at``; its ``history`` carries them forward. An
older system without a history gives today's values and leaves ``history`` out. Unknown keys
are errors, so that nothing is lost by a misspelling. docs/import-format.md is generated from
here: descriptions and examples are its text.
"""

from typing import Annotated, Literal

from importing.format.base import Happening, Strict, about
from importing.format.documents import CreditIn, InvoiceIn, LegacyIn, TaxIn
from importing.format.kinds import Amount, At, Key, Name, Short, Text, Word
from importing.format.money import AttemptIn, PaymentIn
from workorders.models import ContactRole, MessageKind, Origin, ServiceType, WorkOrderStatus


class ClientIn(Strict):
    """Whom the brand works for. Known by ``id``, else by name and e-mail."""

    id: Annotated[Key | None, about("The older system’s id of the client.", "C-1188")] = None
    name: Annotated[Text, about("Full name.", "Priya Raman", max_length=160)]
    email: Annotated[Short, about("E-mail address.", "priya.raman@example.com")] = ""
    phone: Annotated[Word, about("Telephone number.", "208-555-0134", max_length=40)] = ""


class ContactIn(Strict):
    """A person on this job."""

    role: Annotated[ContactRole, about("Who they are on the job.", "buyers_agent")]
    name: Annotated[Text, about("Full name.", "Tom Abbott", max_length=160)]
    email: Annotated[Short, about("E-mail address.", "tom@abbottrealty.example")] = ""
    phone: Annotated[Word, about("Telephone number.", max_length=40)] = ""
    gets_invoices: Annotated[bool, about("Whether invoices go to them.", True, strict=True)] = False


class ChargeIn(Strict):
    """One line of what is billed."""

    id: Annotated[Key | None, about("The line’s id; without one its position counts.", "L1")] = None
    service: Annotated[
        Text | None,
        about("Name in the catalogue; added to it when missing.", "Radon Test", max_length=160),
    ] = None
    description: Annotated[
        Text | None, about("As billed; without it the service’s name.", max_length=240)
    ] = None
    service_type: Annotated[
        ServiceType | None,
        about("Without it: by the rule for names of older systems.", "cancellation"),
    ] = None
    amount: Annotated[Amount, about("In the brand’s currency; a discount is negative.", "329.00")]
    tax: Annotated[TaxIn | None, about("A tax on top of the amount.")] = None


class NoteIn(Happening):
    """An internal note of staff; the actor’s name is its author."""

    id: Annotated[Key | None, about("The note’s id; without one its position counts.")] = None
    text: Annotated[Text, about("What it says.", "Gate code 4411.")]


class MessageIn(Happening):
    """An SMS, e-mail, call or agreement step: activity that is not about money."""

    id: Annotated[Key | None, about("The message’s id; without one its position counts.")] = None
    kind: Annotated[MessageKind, about("What it was.", "agreement_signed")]
    person: Annotated[Short, about("With whom.", "Priya Raman", max_length=160)] = ""
    text: Annotated[str, about("What was said.", max_length=4000)] = ""


class JobStep(Happening):
    """What changed on the job. Only the keys that changed are given."""

    status: Annotated[WorkOrderStatus | None, about("The new status.", "cancelled")] = None
    published: Annotated[
        bool | None, about("True: the report was published then.", True, strict=True)
    ] = None
    charges: Annotated[
        tuple[ChargeIn, ...] | None,
        about("All charges from then on; lines that are not named again are gone."),
    ] = None
    scheduled_for: Annotated[At | None, about("Moved to this time.")] = None
    inspector: Annotated[Name | None, about("Given to this inspector.")] = None
    fee_disabled: Annotated[
        bool | None, about("Card fee switched off (true) or on again.", strict=True)
    ] = None
    reason: Annotated[Short, about("Why.", "Buyer withdrew")] = ""


class Job(Happening):
    """One line: a job, known by brand and number. ``at`` is when it was booked."""

    version: Annotated[
        Literal[1, 2] | None,
        about("Of this format. 1 has no `invoices`, `credits`, `legacy` and taxes.", 2),
    ] = None
    brand: Annotated[str | None, about("Slug; without it the one of `--brand`.", "fhi")] = None
    number: Annotated[
        str, about("Unique in the brand.", "FHI624", pattern=r"^[A-Za-z0-9._-]{1,40}$")
    ]
    client: Annotated[ClientIn, about("Whom the job is for.")]
    status: Annotated[WorkOrderStatus, about("Status at `at`.", "pending")] = (
        WorkOrderStatus.PENDING
    )
    origin: Annotated[Origin, about("Where the job was born.", "native")] = Origin.NATIVE
    published_at: Annotated[
        At | None, about("When the report was published; or a step of `history` says so.")
    ] = None
    scheduled_for: Annotated[At | None, about("When the inspection is.")] = None
    inspector: Annotated[Short, about("Who goes there.", "Luis Ortega", max_length=120)] = ""
    address: Annotated[Short, about("Where.", "118 Alder Court, Boise ID", max_length=240)] = ""
    fee_disabled: Annotated[bool, about("Card fee switched off.", strict=True)] = False
    contacts: Annotated[tuple[ContactIn, ...], about("People on the job.")] = ()
    charges: Annotated[tuple[ChargeIn, ...], about("What was billed at `at`.")] = ()
    invoices: Annotated[
        tuple[InvoiceIn, ...],
        about("Its documents, where the older system had some; else they follow from the job."),
    ] = ()
    credits: Annotated[
        tuple[CreditIn, ...], about("Credits of the client that came from this job.")
    ] = ()
    legacy: Annotated[LegacyIn | None, about("The older system’s figures of the job.")] = None
    notes: Annotated[tuple[NoteIn, ...], about("Internal notes.")] = ()
    messages: Annotated[tuple[MessageIn, ...], about("SMS, e-mails, calls, agreements.")] = ()
    attempts: Annotated[tuple[AttemptIn, ...], about("Tries of which no payment came.")] = ()
    payments: Annotated[tuple[PaymentIn, ...], about("Payments, oldest first.")] = ()
    history: Annotated[tuple[JobStep, ...], about("What became of the job, oldest first.")] = ()
