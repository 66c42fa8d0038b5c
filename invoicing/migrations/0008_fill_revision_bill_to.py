"""Landed revisions keep whom they were billed to: as far as is known, the client and job of now.

A revision is append-only, so its triggers are off for this one statement; nothing that it says of
money changes.
"""

from typing import Any

from django.db import migrations

from activity.filling import filling

NAME = "invoicing.0008_fill_revision_bill_to"
FILL = """
    UPDATE invoicing_invoicerevision AS r
    SET bill_to_name = c.name, bill_to_address = c.address, tax_number = c.tax_number,
        job_address = w.address
    FROM invoicing_invoice AS i
    JOIN workorders_client AS c ON c.id = i.client_id
    JOIN workorders_workorder AS w ON w.id = i.work_order_id
    WHERE i.id = r.invoice_id AND r.bill_to_name = ''
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the columns of every revision that has none."""
    with filling(NAME), schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE invoicing_invoicerevision DISABLE TRIGGER USER")
        cursor.execute(FILL)
        # Checks that wait for the end of the transaction keep a table from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE invoicing_invoicerevision ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0001_initial"),
        ("invoicing", "0007_revision_bill_to"),
        ("workorders", "0007_client_address"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
