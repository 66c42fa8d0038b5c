
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0016_price_by_card'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='moneybackshare',
            name='capture_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='moneybackshare',
            name='capture_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='moneybackshare',
            name='capture_delete',
        ),
        migrations.AlterField(
            model_name='moneybackshare',
            name='status',
            field=models.CharField(choices=[('queued', 'Queued'), ('pending', 'Pending'), ('completed', 'Refunded'), ('failed', 'Refund failed'), ('cancelled', 'Cancelled'), ('open', 'Dispute opened'), ('won', 'Dispute won'), ('lost', 'Dispute lost'), ('withdrawn', 'Dispute withdrawn')], max_length=12),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='moneybackshare',
            trigger=pgtrigger.compiler.Trigger(name='capture_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE actor jsonb := nullif(current_setting('paystory.actor', true), '')::jsonb;", func='\n    INSERT INTO activity_change (\n        occurred_at, recorded_at, txid, entity, op, object_id, brand_id, work_order_id,\n        before, after, actor_kind, actor_id, actor_label, request_id, step, imported\n    )\n    SELECT\n        coalesce((actor->>\'at\')::timestamptz, coalesce(r."happened_at", now())),\n        clock_timestamp(), pg_current_xact_id()::text::bigint, \'payments.share_back\', \'I\',\n        r.id, r."brand_id", r."work_order_id", NULL::jsonb, jsonb_build_object(\'payment_id\', r."payment_id", \'status\', r."status", \'label\', r."label", \'amount\', r."amount", \'services_amount\', r."services_amount", \'fee_amount\', r."fee_amount"),\n        coalesce(actor->>\'kind\', \'database\'), coalesce(actor->>\'id\', \'\'),\n        coalesce(actor->>\'label\', session_user), coalesce(actor->>\'request_id\', \'\'),\n        coalesce(actor->>\'step\', \'\'), coalesce((actor->>\'imported\')::boolean, false)\n    FROM new_rows r\n    ORDER BY r.id;\n    RETURN NULL;\n', hash='6a74963d3aefcb73c971d36de43e4b6d4422aa7b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_capture_insert_02b63', referencing='REFERENCING NEW TABLE AS new_rows ', table='payments_moneybackshare', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='moneybackshare',
            trigger=pgtrigger.compiler.Trigger(name='capture_update', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE actor jsonb := nullif(current_setting('paystory.actor', true), '')::jsonb;", func='\n    INSERT INTO activity_change (\n        occurred_at, recorded_at, txid, entity, op, object_id, brand_id, work_order_id,\n        before, after, actor_kind, actor_id, actor_label, request_id, step, imported\n    )\n    SELECT\n        coalesce((actor->>\'at\')::timestamptz, now()),\n        clock_timestamp(), pg_current_xact_id()::text::bigint, \'payments.share_back\', \'U\',\n        r.id, r."brand_id", r."work_order_id", jsonb_build_object(\'payment_id\', o."payment_id", \'status\', o."status", \'label\', o."label", \'amount\', o."amount", \'services_amount\', o."services_amount", \'fee_amount\', o."fee_amount"), jsonb_build_object(\'payment_id\', r."payment_id", \'status\', r."status", \'label\', r."label", \'amount\', r."amount", \'services_amount\', r."services_amount", \'fee_amount\', r."fee_amount"),\n        coalesce(actor->>\'kind\', \'database\'), coalesce(actor->>\'id\', \'\'),\n        coalesce(actor->>\'label\', session_user), coalesce(actor->>\'request_id\', \'\'),\n        coalesce(actor->>\'step\', \'\'), coalesce((actor->>\'imported\')::boolean, false)\n    FROM new_rows r JOIN old_rows o ON o.id = r.id WHERE ROW(o."payment_id", o."status", o."label", o."amount", o."services_amount", o."fee_amount") IS DISTINCT FROM ROW(r."payment_id", r."status", r."label", r."amount", r."services_amount", r."fee_amount")\n    ORDER BY r.id;\n    RETURN NULL;\n', hash='e7f204db9b45e060f030e970490ab31b82558cff', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_capture_update_66eab', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='payments_moneybackshare', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='moneybackshare',
            trigger=pgtrigger.compiler.Trigger(name='capture_delete', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE actor jsonb := nullif(current_setting('paystory.actor', true), '')::jsonb;", func='\n    INSERT INTO activity_change (\n        occurred_at, recorded_at, txid, entity, op, object_id, brand_id, work_order_id,\n        before, after, actor_kind, actor_id, actor_label, request_id, step, imported\n    )\n    SELECT\n        coalesce((actor->>\'at\')::timestamptz, now()),\n        clock_timestamp(), pg_current_xact_id()::text::bigint, \'payments.share_back\', \'D\',\n        r.id, r."brand_id", r."work_order_id", jsonb_build_object(\'payment_id\', r."payment_id", \'status\', r."status", \'label\', r."label", \'amount\', r."amount", \'services_amount\', r."services_amount", \'fee_amount\', r."fee_amount"), NULL::jsonb,\n        coalesce(actor->>\'kind\', \'database\'), coalesce(actor->>\'id\', \'\'),\n        coalesce(actor->>\'label\', session_user), coalesce(actor->>\'request_id\', \'\'),\n        coalesce(actor->>\'step\', \'\'), coalesce((actor->>\'imported\')::boolean, false)\n    FROM old_rows r\n    ORDER BY r.id;\n    RETURN NULL;\n', hash='3d0ed6b81b81d99ad7764b068a1e1535b302b685', level='STATEMENT', operation='DELETE', pgid='pgtrigger_capture_delete_7b0c8', referencing='REFERENCING OLD TABLE AS old_rows ', table='payments_moneybackshare', when='AFTER')),
        ),
    ]
