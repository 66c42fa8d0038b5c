"""Every surface that shows what a job comes to, read as its readers do: from what is rendered.

``SURFACES`` maps a name to a function of (client of a billing admin, job) that answers with the
figures that the surface shows, by key, and the word (None where it has none). A new surface adds
itself here, and is then compared with the others for every case.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from io import StringIO

from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse

from core.money import ZERO
from invoicing.models import Invoice, JobBalance
from invoicing.queries.settlements import job_settlement
from invoicing.settlement.types import Word
from tests.html import flat
from workorders.models import WorkOrder

FIGURE = re.compile(r'data-figure="(\w+)">([^<]*)<')
WHY = re.compile(r'data-why="(\w+)">([^<]*)<')
WORDS = {word.value for word in Word}


@dataclass(frozen=True)
class Shown:
    """What one surface says of a job."""

    figures: dict[str, Decimal]
    word: str | None


Surface = Callable[[Browser, WorkOrder], Shown]


def amount(text: str) -> Decimal:
    """ "−$1,234.50" as a number."""
    return Decimal(re.sub(r"[^\d.−-]", "", unescape(text)).replace("−", "-"))


def _page(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return flat(answer.content.decode())


def _figures(html: str, pattern: re.Pattern[str] = FIGURE) -> dict[str, Decimal]:
    return {key: amount(text) for key, text in pattern.findall(html)}


def _words(html: str) -> list[str]:
    """The words of pills, in their order."""
    plain = [unescape(text).strip() for text in re.findall(r"</svg>([^<]+)</span>", html)]
    return [text for text in plain if text in WORDS]


def work_order(browser: Browser, job: WorkOrder) -> Shown:
    """The equation and the chips on top of the work order."""
    html = _page(browser, reverse("work_order", args=[job.brand.slug, job.number]))
    top = html[html.index("<h1") : html.index('class="columns"')]
    chips = top[: top.index('id="figures"')]
    return Shown(_figures(top), _words(chips)[0])


def why(browser: Browser, job: WorkOrder) -> Shown:
    """ "Why this balance?" on the work order; its rows must sum to their figures."""
    html = _page(browser, reverse("work_order", args=[job.brand.slug, job.number]))
    part = html[html.index('<details class="why"') :]
    part = part[: part.index("</details>")]
    for block in part.split('<div class="why-figure')[1:]:
        rows = re.findall(r'<span class="num">([^<]*)</span></li>', block)
        if rows:
            total = amount(WHY.findall(block)[0][1])
            assert sum((amount(text) for text in rows), ZERO) == total, block
    keys = ("billed", "credits", "received", "refunded", "balance")
    return Shown({k: v for k, v in _figures(part, WHY).items() if k in keys}, _words(part)[0])


def list_row(browser: Browser, job: WorkOrder) -> Shown:
    """The row of the list of work orders."""
    url = reverse("work_orders", args=[job.brand.slug])
    return _row(_page(browser, f"{url}?view=all&q={job.number}"), job)


def client_row(browser: Browser, job: WorkOrder) -> Shown:
    """The row on the client's page, whose sums on top must be those of its rows."""
    html = _page(browser, reverse("client", args=[job.brand.slug, job.client_id]))
    _check_client(html, job)
    return _row(html, job)


def _row(html: str, job: WorkOrder) -> Shown:
    href = reverse("work_order", args=[job.brand.slug, job.number])
    rows = [r for r in html.split("<tr")[1:] if f'class="row-link" href="{href}"' in r]
    row = rows[0].split("</tr>")[0]
    figures = dict.fromkeys(("credits", "refunded", "pending"), ZERO) | _figures(row)
    return Shown(figures, _words(row)[-1])


def _check_client(html: str, job: WorkOrder) -> None:
    jobs = [job_settlement(j) for j in WorkOrder.objects.filter(client=job.client_id)]
    sums = {
        "owed": sum((s.whole.amount_due for s in jobs if s.is_issued), ZERO),
        "overpaid": sum((s.whole.overpaid for s in jobs), ZERO),
    }
    figures = _figures(html[html.index('class="client-figures"') : html.index('id="jobs-title"')])
    assert {key: figures[key] for key in sums} == sums


def invoices(browser: Browser, job: WorkOrder) -> Shown:
    """The pages of the job's invoices: each says what its own settlement says, and they add up.

    A draft next to issued invoices is not part of the sum.
    """
    answer = job_settlement(job)
    sums = dict.fromkeys(("billed", "credits", "received", "refunded", "balance"), ZERO)
    words = []
    for document in answer.documents:
        url = reverse("invoice", args=[job.brand.slug, document.invoice.number])
        html = _page(browser, url)
        part = html[html.index('class="invoice-equation"') :]
        shown = _figures(part[: part.index('id="why"')])
        assert shown["balance"] == document.settlement.balance
        if not answer.is_issued or document.invoice.status != "draft":
            sums = {key: sums[key] + shown[key] for key in sums}
        title = unescape(html[html.index("<title>") + 7 : html.index("</title>")])
        words += [word for word in title.split(" · ") if word.strip() in WORDS]
    assert words == [d.settlement.word.value for d in answer.documents]
    return Shown(sums, words[0] if len(words) == 1 else None)


def explained(browser: Browser, job: WorkOrder) -> Shown:
    """``manage.py explain_balance NUMBER --json``."""
    out = StringIO()
    call_command("explain_balance", job.number, brand=job.brand.slug, json=True, stdout=out)
    assert not re.search(r'"-0(\.0+)?"', out.getvalue()), "a zero with a sign"
    answer = json.loads(out.getvalue())
    keys = ("billed", "credits", "received", "refunded", "pending", "balance")
    for key in ("credits", "received", "refunded", "pending", "fee_kept", "fee_due"):
        rows = answer["because"][key]
        assert sum((Decimal(row["amount"]) for row in rows), ZERO) == Decimal(answer[key]), key
    return Shown({key: Decimal(answer[key]) for key in keys}, answer["status"])


def rollup(browser: Browser, job: WorkOrder) -> Shown:
    """What lists and filters read."""
    row = JobBalance.objects.filter(work_order=job).first()
    if row is None:
        assert not Invoice.objects.filter(work_order=job, kind="standard").exists()
        return Shown({}, None)
    keys = ("billed", "credits", "received", "refunded", "pending", "balance")
    return Shown({key: getattr(row, key) for key in keys}, row.word)


SURFACES: dict[str, Surface] = {
    surface.__name__: surface
    for surface in (work_order, why, list_row, client_row, invoices, explained, rollup)
}


def check_surfaces(browser: Browser, job: WorkOrder) -> None:
    """Every surface of ``job`` says the same amounts and the same word as its settlement."""
    whole = job_settlement(job).whole
    truth = {
        "billed": whole.billed,
        "credits": whole.credits,
        "received": whole.received,
        "refunded": whole.refunded,
        "pending": whole.pending,
        "balance": whole.balance,
    }
    for name, surface in SURFACES.items():
        shown = surface(browser, job)
        figures = {key: shown.figures[key] for key in truth if key in shown.figures}
        assert figures == {key: truth[key] for key in figures}, name
        assert shown.word in (None, whole.word.value), name
