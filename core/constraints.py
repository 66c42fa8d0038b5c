"""Composite foreign keys, declared in ``Meta.constraints`` beside the other constraints.

Django has none. We need them so that a row's copied ``brand_id`` and ``work_order_id`` cannot
drift from its parent's: the activity trigger reads only those copies.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import BaseConstraint, Field, Model
from django.db.models.expressions import Expression


def _column(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return str(field.column)


class CompositeForeignKey(BaseConstraint):
    """``FOREIGN KEY (fields) REFERENCES to (to_fields)``, deferred like Django's own.

    ``MATCH SIMPLE``: a NULL among the fields means that nothing is checked, which is what a
    not-yet-known work order needs. The target needs a unique constraint over ``to_fields``.
    """

    def __init__(
        self, *, fields: Sequence[str], to: str, to_fields: Sequence[str], name: str
    ) -> None:
        super().__init__(name=name)
        self.fields = tuple(fields)
        self.to = to
        self.to_fields = tuple(to_fields)

    def _columns(self, model: type[Model], names: Sequence[str], editor: Any) -> str:
        return ", ".join(editor.quote_name(_column(model, n)) for n in names)

    # The stubs say str; the schema editor takes, and Django's own constraints give, a Statement.
    def create_sql(  # type: ignore[override]
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Statement:
        """The ALTER TABLE that adds the constraint."""
        assert model is not None
        assert schema_editor is not None
        state_apps = model._meta.apps
        try:
            target = state_apps.get_model(self.to)
        except LookupError:
            target = apps.get_model(self.to)
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) "
            "REFERENCES %(target)s (%(to_columns)s) DEFERRABLE INITIALLY DEFERRED",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
            columns=self._columns(model, self.fields, schema_editor),
            target=schema_editor.quote_name(target._meta.db_table),
            to_columns=self._columns(target, self.to_fields, schema_editor),
        )

    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """Nothing inline in CREATE TABLE: added at the end, when the target has its unique key."""
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def remove_sql(  # type: ignore[override]  # see create_sql
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Statement:
        """The ALTER TABLE that drops it."""
        assert model is not None
        assert schema_editor is not None
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=schema_editor.quote_name(model._meta.db_table),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: Any = None,
        using: str = "default",
    ) -> None:
        """Left to the database: only it sees the rows under a lock."""

    def deconstruct(self) -> tuple[str, tuple[Expression, ...], dict[str, Any]]:
        """How migrations write it down."""
        path, _, kwargs = super().deconstruct()
        kwargs |= {"fields": self.fields, "to": self.to, "to_fields": self.to_fields}
        return path, (), kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompositeForeignKey):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]  # like Django's own constraints
