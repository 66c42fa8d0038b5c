"""The documents and credits of a line, however they were given, as one shape. Pure.

An older system may give documents by themselves (``invoices``, ``credits``) or by its figures
(``legacy``). Amounts are in the brand's currency.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from core.money import total
from importing.documents.charges import charge_of
from importing.documents.credits import read_credits
from importing.documents.figures import read_job_figures
from importing.documents.invoices import GivenInvoice, missing_charges, read_invoices
from importing.documents.rounding import retaxed
from importing.documents.shape import (
    Charge,
    Credit,
    CreditUse,
    Document,
    ParsedDocuments,
    as_billed,
)
from importing.format.job import Job
from importing.naming import IMPORTER, actor_of, key_of


def read_documents(job: Job, currency: str) -> ParsedDocuments:
    """The documents and credits of ``job``, with its charges at each step of its history.

    Amounts are in ``currency``, the brand's. A credit note that only the older figures show is
    left out where ``credits`` lists the credit itself.
    """
    given = [job.charges, *(s.charges for s in job.history if s.charges is not None)]
    charges = [tuple(charge_of(c, key_of(c, n)) for n, c in enumerate(lines)) for lines in given]
    actor = actor_of(job, IMPORTER)
    if not job.invoices:
        charges[-1] = _as_totalled(charges[-1], job, currency)
        charges[-1], items = read_job_figures(job, charges[-1], currency)
    else:
        rows = [GivenInvoice(invoice, n, actor) for n, invoice in enumerate(job.invoices)]
        has_charges = any(charges)
        charges[-1] = (*charges[-1], *missing_charges(rows, has_charges, currency))
        items = list(read_invoices(rows, charges, currency))
        charges[-1] = tuple(_as_taxed(charges[-1], items))
    used_invoices = {a.invoice for credit in job.credits for a in credit.applied}
    items = [i for i in items if not _is_listed(i, used_invoices, job.number)]
    items += read_credits(job, actor, currency)
    return ParsedDocuments(
        tuple(charges),
        tuple(i for i in items if isinstance(i, Document)),
        tuple(i for i in items if isinstance(i, Credit)),
        tuple(i for i in items if isinstance(i, CreditUse)),
    )


def _as_totalled(charges: Sequence[Charge], job: Job, currency: str) -> tuple[Charge, ...]:
    """The charges with the taxes that the job’s older total asks for, if rounding explains it."""
    legacy = job.legacy
    if legacy is None or legacy.total_amount is None or legacy.credit_applied:
        return tuple(charges)
    lines = [as_billed(charge, currency) for charge in charges]
    if total((line.gross for line in lines), currency) == legacy.total_amount:
        return tuple(charges)
    taxed = retaxed(lines, legacy.total_amount, currency)
    if taxed is None:
        return tuple(charges)
    pairs = zip(charges, taxed, strict=True)
    return tuple(_with_tax(charge, line.tax_amount) for charge, line in pairs)


def _as_taxed(
    charges: Sequence[Charge], items: Sequence[Document | Credit | CreditUse]
) -> Iterator[Charge]:
    """The charges with the taxes of the lines that bill them, unless they name their own."""
    documents = [i for i in items if isinstance(i, Document) and i.asks_for_money]
    taxes = {x.charge: x.tax_amount for d in documents for x in d.revisions[-1].lines if x.charge}
    for charge in charges:
        is_free = charge["tax_percent"] and charge["tax_amount"] is None
        tax = taxes.get(charge["key"]) if is_free else None
        yield charge if tax is None else _with_tax(charge, tax)


def _with_tax(charge: Charge, amount: Decimal) -> Charge:
    return {**charge, "tax_amount": amount if charge["tax_percent"] else None}


def _is_listed(item: Document | Credit | CreditUse, invoices: set[str], number: str) -> bool:
    """Whether a credit made of figures (or its use) is listed under ``credits``, too."""
    key = item.credit if isinstance(item, CreditUse) else item.key
    if not key.startswith("#credit:"):
        return False
    return (key.removeprefix("#credit:") or number) in invoices
