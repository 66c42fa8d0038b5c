"""How changes of jobs, charges, people, notes and messages read on a feed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from activity.describe import (
    ChangeRow,
    Line,
    Sentence,
    ThreadKey,
    describes,
    plain,
    plain_diff,
    sentence,
)
from activity.shapes import Diff
from core.money import display, display_percent
from workorders.models import ContactRole, MessageKind, ServiceType, WorkOrderStatus
from workorders.shapes import (
    BilledEntry,
    BookedEntry,
    Changed,
    ClientEntry,
    ContactEntry,
    JobEntry,
    MessageEntry,
    NoteEntry,
    ServiceEntry,
    SwitchEntry,
    TaxRateEntry,
)
from workorders.wording import bill_change, line_words, replaced_words
from workorders.words import LABELS, value_words


@describes(
    *("workorders.work_order", "workorders.charge", "workorders.contact"),
    "workorders.card_fee_switch",
)
def describe_job(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """A job with what was booked on it is one line; a cancellation includes its new bill."""
    job = [c for c in changes if c.entity == "workorders.work_order"]
    charges = [c for c in changes if c.entity == "workorders.charge"]
    contacts = [c for c in changes if c.entity == "workorders.contact"]
    switches = [c for c in changes if c.entity == "workorders.card_fee_switch"]
    if job and job[0].op == "I":
        yield _booked(job[0], charges, contacts, _take_switch(job[0], switches))
        job, charges, contacts = job[1:], [], []
    for change in job:
        yield _job_line(change, charges, _take_switch(change, switches))
        charges = []
    if charges:
        yield _charges_line(charges)
    for change in switches:
        yield _switch_line(change)
    for change in contacts:
        yield _contact_line(change)


def _booked(
    job: ChangeRow,
    charges: Sequence[ChangeRow],
    contacts: Sequence[ChangeRow],
    switches: Sequence[ChangeRow],
) -> Line:
    return Line(
        code="job.booked",
        kind="job",
        thread=ThreadKey("job", job.id),
        shows=tuple(c.id for c in (job, *charges, *contacts, *switches)),
        data={
            **plain(job.now),
            "bill": _bill(charges),
            "contacts": [plain(c.now) for c in contacts],
        },
        payment_view=bool(charges),
    )


JOB_CODES = {
    WorkOrderStatus.CANCELLED: "job.cancelled",
    WorkOrderStatus.CONFIRMED: "job.confirmed",
    WorkOrderStatus.PENDING: "job.reopened",
}


def _take_switch(job: ChangeRow, switches: list[ChangeRow]) -> list[ChangeRow]:
    """The dated switch of what ``job`` did to its card fee, taken out of ``switches``."""
    is_off = bool(job.now["fee_disabled"])
    if job.op == "D" or not job.changed("fee_disabled") or (job.op == "I" and not is_off):
        return []
    same = [s for s in switches if s.op == "I" and s.now["disabled"] == is_off][:1]
    for switch in same:
        switches.remove(switch)
    return same


def _job_line(job: ChangeRow, charges: Sequence[ChangeRow], switches: Sequence[ChangeRow]) -> Line:
    code = "job.deleted" if job.op == "D" else "job.changed"
    if "status" in job.diff and job.op == "U":
        code = JOB_CODES[WorkOrderStatus(job.now["status"])]
    elif "published_at" in job.diff and job.op == "U":
        code = "job.published" if job.now["published_at"] else "job.unpublished"
    elif "fee_disabled" in job.diff and job.op == "U":
        code = "job.fee_off" if job.now["fee_disabled"] else "job.fee_on"
    return Line(
        code=code,
        kind="job",
        thread=ThreadKey("job", job.id),
        shows=tuple(c.id for c in (job, *charges, *switches)),
        data={"number": job.now["number"], "bill": _bill(charges), "diff": plain_diff(job)},
        state="voided" if code == "job.cancelled" else "neutral",
        payment_view=bool(charges) or code in ("job.cancelled", "job.fee_off", "job.fee_on"),
    )


def _switch_line(change: ChangeRow) -> Line:
    """A dated switch that was written without its job's own row."""
    return Line(
        code="card_fee.switched",
        kind="job",
        thread=ThreadKey("card_fee", change.id),
        shows=(change.id,),
        data={"op": change.op, **plain(change.now), "diff": plain_diff(change)},
        payment_view=True,
    )


def _charges_line(charges: Sequence[ChangeRow]) -> Line:
    return Line(
        code="charges.changed",
        kind="charge",
        thread=ThreadKey("charges", charges[0].id),
        shows=tuple(c.id for c in charges),
        data={"bill": _bill(charges)},
        payment_view=True,
    )


def _contact_line(change: ChangeRow) -> Line:
    return Line(
        code="contact.changed",
        kind="contact",
        thread=ThreadKey("contact", change.id),
        shows=(change.id,),
        data={"op": change.op, **plain(change.now), "diff": plain_diff(change)},
    )


def _bill(charges: Sequence[ChangeRow]) -> dict[str, Any]:
    """What became of each touched line, and their sums before and after, as strings."""
    before = sum((Decimal(c.before["amount"]) for c in charges if c.before), Decimal(0))
    after = sum((Decimal(c.after["amount"]) for c in charges if c.after), Decimal(0))
    lines = [
        {"op": c.op, "before": plain(c.before) or None, "after": plain(c.after) or None}
        for c in charges
    ]
    return {"lines": lines, "from": str(before), "to": str(after)}


@describes("workorders.note", "workorders.message")
def describe_talk(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """Notes, SMS, agreements: one line each, never in the payment view."""
    for change in changes:
        kind = change.entity.split(".")[1]
        yield Line(
            code=f"{kind}.changed",
            kind=kind,
            thread=ThreadKey(kind, change.object_id),
            shows=(change.id,),
            data={"op": change.op, **plain(change.now), "diff": plain_diff(change)},
        )


@describes("workorders.client", "workorders.service", "workorders.tax_rate")
def describe_catalogue(changes: Sequence[ChangeRow]) -> Iterator[Line]:
    """Clients, services and tax rates belong to the brand's feed."""
    for change in changes:
        kind = change.entity.split(".")[1]
        yield Line(
            code=f"{kind}.changed",
            kind="contact" if kind == "client" else "catalogue",
            thread=ThreadKey(kind, change.object_id),
            shows=(change.id,),
            data={"op": change.op, **plain(change.now), "diff": plain_diff(change)},
        )


# Sentences -----------------------------------------------------------------------------------

OP_WORDS = {"I": "added", "U": "changed", "D": "removed"}


@sentence("job.booked", shape=BookedEntry)
def _say_booked(data: BookedEntry) -> Sentence:
    parts = [line_words(line.after, data.currency) for line in data.bill.lines if line.after]
    amount = display(data.bill.after, data.currency)
    headline = f"Job {data.number} booked" + (f" · {amount}" if parts else "")
    return Sentence(headline, " · ".join(parts), details=tuple(_booked_details(data)))


def _booked_details(data: BookedEntry) -> Iterator[tuple[str, str, str]]:
    for name in ("address", "inspector", "scheduled_for", "status", "published_at", "origin"):
        if value := getattr(data, name):
            yield LABELS[name], value_words(name, value), "text"
    if data.fee_disabled:
        yield LABELS["fee_disabled"], "yes", "text"
    for contact in data.contacts:
        gets = ", gets invoices" if contact.gets_invoices else ""
        yield ContactRole(contact.role).label, f"{contact.name}{gets}", "text"


@sentence("job.cancelled", shape=JobEntry)
def _say_cancelled(data: JobEntry) -> Sentence:
    if not data.bill.lines:
        return Sentence("Work order cancelled", _rest(data, "status"))
    second = " ".join(
        s for s in (replaced_words(data.bill, data.currency), _rest(data, "status")) if s
    )
    return Sentence(
        f"Work order cancelled · {bill_change(data.bill, data.currency)}",
        second,
        details=_details(data),
    )


@sentence(
    *("job.confirmed", "job.reopened", "job.published", "job.unpublished"),
    *("job.fee_off", "job.fee_on", "job.changed"),
    shape=JobEntry,
)
def _say_job(data: JobEntry) -> Sentence:
    headline, second = _job_words(data)
    replaced = replaced_words(data.bill, data.currency)
    changed = bill_change(data.bill, data.currency)
    bill = f"{changed}. {replaced}".strip() if data.bill.lines else ""
    return Sentence(headline, " ".join(s for s in (second, bill) if s), details=_details(data))


def _job_words(data: JobEntry) -> tuple[str, str]:
    diff = data.diff
    moved = {
        "confirmed": "Work order confirmed",
        "pending": "Work order back to pending",
    }.get((diff.get("status") or ("", ""))[1])
    if moved:
        return moved, _rest(data, "status")
    if "published_at" in diff:
        word = "Report published" if diff["published_at"][1] else "Report no longer published"
        return word, _rest(data, "published_at")
    if "fee_disabled" in diff and diff["fee_disabled"][0] is not None:
        off = diff["fee_disabled"][1]
        word = "Card fee switched off for this job" if off else "Card fee switched on again"
        return word, _rest(data, "fee_disabled") or "Fees already collected stay as they are."
    return "Job details changed", _rest(data)


@sentence("card_fee.switched", shape=SwitchEntry)
def _say_switch(data: SwitchEntry) -> Sentence:
    switched = "off" if data.disabled else "on again"
    if data.op == "I":
        why = f"Reason: {data.reason}" if data.reason else ""
        return Sentence(f"Card fee switched {switched} for this job", why)
    headline = f"Switch of the card fee {OP_WORDS[data.op]}: {switched}"
    return Sentence(headline, _rest(data) if data.op == "U" else "", details=_details(data))


@sentence("job.deleted", shape=JobEntry)
def _say_job_deleted(data: JobEntry) -> Sentence:
    was = [
        (LABELS.get(name, name), value_words(name, before), "text")
        for name, (before, _) in data.diff.items()
        if before not in (None, "")
    ]
    bill = bill_change(data.bill, data.currency) if data.bill.lines else ""
    return Sentence(f"Job {data.number} deleted from the database", bill, details=tuple(was))


@sentence("charges.changed", shape=BilledEntry)
def _say_charges(data: BilledEntry) -> Sentence:
    return Sentence(bill_change(data.bill, data.currency), replaced_words(data.bill, data.currency))


@sentence("contact.changed", shape=ContactEntry)
def _say_contact(data: ContactEntry) -> Sentence:
    who = f"{data.name} ({ContactRole(data.role).label.lower()})"
    if data.op == "U":
        return Sentence(f"Contact {who} changed", _rest(data), details=_details(data))
    gets = "Gets invoices." if data.gets_invoices and data.op == "I" else ""
    reach = " · ".join(x for x in (data.email, data.phone) if x)
    return Sentence(f"Contact {who} {OP_WORDS[data.op]}", gets or reach, details=_details(data))


@sentence("note.changed", shape=NoteEntry)
def _say_note(data: NoteEntry) -> Sentence:
    words = {"I": "Internal note", "U": "Internal note changed", "D": "Internal note removed"}
    return Sentence(words[data.op], data.text, details=_details(data))


@sentence("message.changed", shape=MessageEntry)
def _say_message(data: MessageEntry) -> Sentence:
    word = MessageKind(data.kind).label
    whom = f" · {data.person}" if data.person else ""
    suffix = "" if data.op == "I" else f" ({OP_WORDS[data.op]})"
    return Sentence(f"{word}{whom}{suffix}", data.text, details=_details(data))


@sentence("client.changed", shape=ClientEntry)
def _say_client(data: ClientEntry) -> Sentence:
    reached = (data.email, data.phone, data.address, data.tax_number)
    second = _rest(data) if data.op == "U" else " · ".join(x for x in reached if x)
    return Sentence(f"Client {data.name} {OP_WORDS[data.op]}", second)


@sentence("service.changed", shape=ServiceEntry)
def _say_service(data: ServiceEntry) -> Sentence:
    second = _rest(data) if data.op == "U" else ServiceType(data.service_type).label
    return Sentence(f"Service “{data.name}” {OP_WORDS[data.op]}", second)


@sentence("tax_rate.changed", shape=TaxRateEntry)
def _say_tax_rate(data: TaxRateEntry) -> Sentence:
    headline = f"Tax rate “{data.name}” {OP_WORDS[data.op]}"
    if data.op == "U":
        return Sentence(headline, _rest(data))
    off = "" if data.is_active else " · not offered"
    return Sentence(headline, f"{display_percent(data.percent)}{off}")


def _rest(data: Changed, *shown: str) -> str:
    """What else changed, in words; a reason comes first, alone."""
    diff = data.diff
    why = (diff.get("reason") or ("", ""))[1]
    return "; ".join(
        ([f"Reason: {why}"] if why else [])
        + [
            f"{LABELS.get(name, name)}: {value_words(name, before)} → {value_words(name, after)}"
            for name, (before, after) in diff.items()
            if name not in (*shown, "reason")
        ]
    )


def _details(data: Changed) -> tuple[tuple[str, str, str], ...]:
    return tuple(diff_details(data.diff, LABELS)) if data.op == "U" else ()


def diff_details(diff: Diff, labels: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """The columns of a diff as details rows: "before → after"."""
    for name, (before, after) in diff.items():
        words = f"{value_words(name, before)} → {value_words(name, after)}"
        yield labels.get(name, name), words, "text"
