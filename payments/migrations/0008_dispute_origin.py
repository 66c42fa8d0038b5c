"""Says of each dispute who knew it first and under which key, and freezes what imports reported.

A dispute was imported where no event of its order reports that money was taken back; all others
so far are a provider's. An imported refund is frozen as it is now.
"""

from typing import Any

from django.db import migrations, models

import activity.models
from activity.filling import filling

NAME = "payments.0008_dispute_origin"


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the new columns; none of them is on a feed."""
    with filling(NAME):
        for row in apps.get_model("payments", "Dispute").objects.select_related("payment"):
            _fill(apps.get_model("payments", "ProviderEvent").objects, row)
        for row in apps.get_model("payments", "Refund").objects.filter(origin="import"):
            _freeze(row)


def _freeze(row: Any) -> None:
    row.imported_fact = {
        "status": row.status,
        "services": f"{row.services_amount}",
        "fee": f"{row.fee_amount}",
        "at": row.happened_at.isoformat(),
        "completed_at": row.completed_at.isoformat() if row.completed_at else None,
        "failure_reason": row.failure_reason,
        "refund_id": row.provider_refund_id,
    }
    row.save(update_fields=["imported_fact"])


def _fill(events: Any, row: Any) -> None:
    of_payment = events.filter(payment_id=row.payment_id)
    took_back = of_payment.filter(status__in=["chargeback", "charged_back", "failed"])
    row.provider_key = row.provider_dispute_id
    if took_back.exists():
        row.origin = "provider"
        is_return = not took_back.exclude(status="failed").exists()
        row.provider_key = "return" if is_return else row.provider_dispute_id or "unnamed"
    else:
        row.origin = "import"
        row.imported_fact = {
            "status": row.status,
            "amount": f"{row.amount}",
            "at": row.happened_at.isoformat(),
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
            "reason_code": row.reason_code,
            "reason": row.reason,
            "dispute_id": row.provider_dispute_id,
        }
    row.save(update_fields=["origin", "provider_key", "imported_fact"])


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0001_initial'),
        ('payments', '0007_settled_at_commit'),
        ('workorders', '0006_fill_card_fee_switches'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='dispute',
            name='payments_dispute_provider_id',
        ),
        migrations.AddField(
            model_name='dispute',
            name='imported_fact',
            field=models.JSONField(blank=True, decoder=activity.models.ExactDecoder, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='origin',
            field=models.CharField(choices=[('person', 'Entered here'), ('provider', 'Reported by the provider'), ('import', 'Imported')], default='person', editable=False, max_length=8),
        ),
        migrations.AddField(
            model_name='dispute',
            name='provider_key',
            field=models.CharField(blank=True, editable=False, max_length=120),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='status',
            field=models.CharField(choices=[('open', 'Dispute opened'), ('won', 'Dispute won'), ('lost', 'Dispute lost'), ('withdrawn', 'Dispute withdrawn')], max_length=12),
        ),
        migrations.AddField(
            model_name="refund",
            name="imported_fact",
            field=models.JSONField(
                blank=True, decoder=activity.models.ExactDecoder, editable=False, null=True
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='refund',
            name='origin',
            field=models.CharField(choices=[('person', 'Entered here'), ('provider', 'Reported by the provider'), ('import', 'Imported')], default='person', editable=False, max_length=8),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_dispute_id', ''), _negated=True), fields=('payment', 'provider_dispute_id'), name='payments_dispute_provider_id'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'won', 'lost', 'withdrawn'])), name='payments_dispute_status'),
        ),
    ]
