"""The documents and credits of a line, however they were given, as one shape. Pure.

An older system may give documents by themselves (``invoices``, ``credits``) or by its figures
(``legacy``). Amounts are in the brand's currency.
"""

from importing.documents.charges import charge_of
from importing.documents.credits import read_credits
from importing.documents.figures import read_job_figures
from importing.documents.invoices import GivenInvoice, missing_charges, read_invoices
from importing.documents.shape import Credit, CreditUse, Document, ParsedDocuments
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
        charges[-1], items = read_job_figures(job, charges[-1], currency)
    else:
        rows = [GivenInvoice(invoice, n, actor) for n, invoice in enumerate(job.invoices)]
        has_charges = any(charges)
        charges[-1] = (*charges[-1], *missing_charges(rows, has_charges, currency))
        items = list(read_invoices(rows, charges, currency))
    used_invoices = {a.invoice for credit in job.credits for a in credit.applied}
    items = [i for i in items if not _is_listed(i, used_invoices, job.number)]
    items += read_credits(job, actor, currency)
    return ParsedDocuments(
        tuple(charges),
        tuple(i for i in items if isinstance(i, Document)),
        tuple(i for i in items if isinstance(i, Credit)),
        tuple(i for i in items if isinstance(i, CreditUse)),
    )


def _is_listed(item: Document | Credit | CreditUse, invoices: set[str], number: str) -> bool:
    """Whether a credit made of figures (or its use) is listed under ``credits``, too."""
    key = item.credit if isinstance(item, CreditUse) else item.key
    if not key.startswith("#credit:"):
        return False
    return (key.removeprefix("#credit:") or number) in invoices
