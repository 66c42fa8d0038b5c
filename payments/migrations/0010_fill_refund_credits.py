"""Links refunds to the credit notes that went with them, for refunds from before the link.

A refund with *owes less* wrote its note in the same transaction, and so did one that used up a kept
overpayment. The captured changes know each transaction, so nothing is guessed from a label.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db import migrations

from activity.filling import filling

NAME = "payments.0010_fill_refund_credits"
INSERT = "I"


def fill(apps: Any, schema_editor: Any) -> None:
    """One row per credit that a person's refund brought with it or used up."""
    link = apps.get_model("payments", "RefundCredit")
    rows = [
        link(refund_id=refund_id, credit_id=credit_id, amount=amount)
        for (refund_id, credit_id), amount in _links(apps).items()
    ]
    with filling(NAME):
        link.objects.bulk_create(rows, ignore_conflicts=True)


def _links(apps: Any) -> dict[tuple[int, int], Decimal]:
    changes = apps.get_model("activity", "Change").objects.filter(op=INSERT)
    refunds = apps.get_model("payments", "Refund").objects.filter(origin="person")
    asked: defaultdict[tuple[int, int | None], list[int]] = defaultdict(list)
    mine = changes.filter(entity="payments.refund", object_id__in=refunds.values("pk"))
    for txid, job, refund_id in mine.values_list("txid", "work_order_id", "object_id"):
        asked[txid, job].append(refund_id)
    alone = {key: ids[0] for key, ids in asked.items() if len(ids) == 1}
    uses = changes.filter(entity="invoicing.ledger_entry", txid__in={txid for txid, _ in alone})
    uses = list(uses.values_list("txid", "work_order_id", "after"))
    credits = _credits(apps, {after["credit_id"] for _, _, after in uses})
    granted = set(
        changes.filter(entity="invoicing.client_credit", object_id__in=credits).values_list(
            "txid", "object_id"
        )
    )
    links: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for txid, job, after in uses:
        credit = credits.get(after["credit_id"])
        if credit is None or (txid, job) not in alone:
            continue
        is_note = after["kind"] == "credit" and (txid, credit.pk) in granted
        is_own = after["kind"] == "from_credit" and credit.invoice_id == after["invoice_id"]
        if is_note or is_own:
            links[alone[txid, job], credit.pk] += Decimal(str(after["services_amount"]))
    return dict(links)


def _credits(apps: Any, ids: set[int]) -> dict[int, Any]:
    rows = apps.get_model("invoicing", "ClientCredit").objects.filter(pk__in=ids)
    return {row.pk: row for row in rows}


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0001_initial"),
        ("payments", "0009_refund_credit"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
