"""Says in columns of their own what ``external_id`` of refunds and attempts said in code words.

"" was a refund that a person asked for, "asked:…" how the provider's events took it over, "fold:"
and a key one that the provider reported, anything else the id of an import. An attempt with
"order:" and an order's id (or, of a long one, its hash) was made from that order.
"""

import hashlib
from typing import Any

from django.db import migrations, models
from django.db.models import CharField, Value
from django.db.models.functions import Substr

from activity.filling import filling

NAME = "payments.0006_fill_refund_origin"
FOLD, ORDER = "fold:", "order:"
MATCHES = {"asked:follows": "follows", "asked:named": "named"}


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the new columns; ``external_id`` keeps the ids of imports alone."""
    with filling(NAME):
        _refunds(apps.get_model("payments", "Refund").objects.all())
        _attempts(apps.get_model("payments", "PaymentAttempt").objects.all())


def _refunds(refunds: Any) -> None:
    empty = Value("", output_field=CharField())
    for old, match in MATCHES.items():
        refunds.filter(external_id=old).update(provider_match=match, external_id=empty)
    # The right-hand sides see the row as it was.
    refunds.filter(external_id__startswith=FOLD).update(
        origin="provider",
        provider_key=Substr("external_id", len(FOLD) + 1),
        external_id=empty,
    )
    refunds.filter(origin="person").exclude(external_id="").update(origin="import")


def _attempts(attempts: Any) -> None:
    rows = attempts.filter(external_id__startswith=ORDER).select_related("payment")
    for row in rows.iterator():
        told = row.external_id.removeprefix(ORDER)
        ids = [row.payment.provider_order_id] if row.payment else []
        whole = next((i for i in [*ids, *row.references] if _hash(i) == told), told)
        attempts.filter(pk=row.pk).update(provider_order_id=whole, external_id="")


def _hash(order_id: str) -> str:
    return hashlib.sha256(order_id.encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0001_initial"),
        ("payments", "0005_refund_origin"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("external_id", ""), ("origin", "person"), ("provider_key", "")),
                    models.Q(
                        ("external_id", ""),
                        ("origin", "provider"),
                        models.Q(("provider_key", ""), _negated=True),
                    ),
                    models.Q(
                        ("origin", "import"),
                        ("provider_key", ""),
                        models.Q(("external_id", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="payments_refund_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("provider_match", ""),
                    models.Q(("origin", "person"), ("provider_match__in", ["follows", "named"])),
                    _connector="OR",
                ),
                name="payments_refund_match",
            ),
        ),
    ]
