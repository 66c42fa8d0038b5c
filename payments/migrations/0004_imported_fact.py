"""Freeze how imported payments stand, so that later events fold beside a fact that stays."""

import activity.models
from django.db import migrations, models

# What is imported already is frozen as it stands now: what it said before is not known here.
FREEZE = """
UPDATE payments_payment SET imported_fact = jsonb_build_object(
    'status', status,
    'amount', amount::text,
    'fee', fee_amount::text,
    'at', to_char(coalesce(paid_at, happened_at) AT TIME ZONE 'UTC',
                  'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    'method', method,
    'detail', failure_message,
    'data', jsonb_build_object(
        'card_brand', card_brand, 'last4', last4, 'funding', funding,
        'payer_name', payer_name, 'failure_code', failure_code)
) WHERE external_id <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_provider_secret_set_at")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="imported_fact",
            field=models.JSONField(
                blank=True, decoder=activity.models.ExactDecoder, editable=False, null=True
            ),
        ),
        migrations.RunSQL(FREEZE, migrations.RunSQL.noop, elidable=True),
    ]
