"""Each brand's counter begins after the highest number that its jobs have."""

from typing import Any

from django.db import migrations

from activity.actors import acting_as, system

FILL = r"""
    INSERT INTO workorders_bookingnumber (brand_id, last)
    SELECT b.id, coalesce(max(substr(w.number, length(b.number_prefix) + 1)::bigint), 0)
    FROM accounts_brand b
    LEFT JOIN workorders_workorder w
        ON w.brand_id = b.id
        AND starts_with(upper(w.number), upper(b.number_prefix))
        AND substr(w.number, length(b.number_prefix) + 1) ~ '^\d{1,12}$'
    GROUP BY b.id
    ON CONFLICT (brand_id) DO NOTHING
"""


def fill(apps: Any, schema_editor: Any) -> None:
    with acting_as(system()), schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL)


class Migration(migrations.Migration):

    dependencies = [
        ('workorders', '0003_booking_number'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
