"""Whom a document is billed to: as it was issued, and what changed since.

An issued revision keeps name, address, tax number and job address; a draft has those of now.
(docs/decisions/020)
"""

from dataclasses import dataclass, fields

from invoicing.models import Invoice, InvoiceRevision, InvoiceStatus


@dataclass(frozen=True)
class BillTo:
    """What a document says of the client and the job; "" where nothing is known."""

    name: str
    address: str
    tax_number: str
    job_address: str


def of_now(invoice: Invoice) -> BillTo:
    """What a document that was issued now would say."""
    client = invoice.client
    return BillTo(client.name, client.address, client.tax_number, invoice.work_order.address)


def of_revision(revision: InvoiceRevision) -> BillTo:
    """What a revision was issued with."""
    return BillTo(
        revision.bill_to_name,
        revision.bill_to_address,
        revision.tax_number,
        revision.job_address,
    )


def of_document(invoice: Invoice, revision: InvoiceRevision | None) -> BillTo:
    """What a document says: ``revision`` is the one that counts, None of a draft."""
    if revision is None or invoice.status == InvoiceStatus.DRAFT:
        return of_now(invoice)
    return of_revision(revision)


NOW = {
    "name": "Client is now called {}.",
    "address": "The client’s billing address is now {}.",
    "tax_number": "The client’s tax number is now {}.",
    "job_address": "The job’s address is now {}.",
}
GONE = {
    "name": "",
    "address": "The client has no billing address now.",
    "tax_number": "The client has no tax number now.",
    "job_address": "The job has no address now.",
}


def changed_since(issued: BillTo, now: BillTo) -> list[str]:
    """What is different now from what a document was issued with, a sentence for each."""
    sentences = []
    for field in fields(BillTo):
        value = getattr(now, field.name)
        if value != getattr(issued, field.name):
            words = NOW[field.name].format(f"“{value}”") if value else GONE[field.name]
            sentences.append(words)
    return sentences
