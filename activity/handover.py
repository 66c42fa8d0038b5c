"""Hands the current actor to PostgreSQL, which writes it beside each captured change.

The setting is local to the transaction, so it is handed over once per transaction (again when
the actor changes, or when a savepoint was rolled back, which may have taken it along), and in
autocommit in the same round trip as the statement. A session-wide setting would leak to the
next user of a pooled connection.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from activity import actors, doorbell

SET_ACTOR = "SELECT set_config('paystory.actor', %s, true)"
# These write nothing that is tracked; anything else might.
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "EXPLAIN", "DECLARE", "FETCH")

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


def install(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of ``connection_created``: wrap every statement of a PostgreSQL connection."""
    if connection.vendor == "postgresql":
        wrappers = connection.execute_wrappers
        wrappers[:] = [w for w in wrappers if not isinstance(w, Handover)]
        wrappers.append(Handover(connection))


class Handover:
    """One connection's memory of the actor that its current transaction knows."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.handed: str | None = ""  # None: perhaps rolled back
        self.rung = False

    def __call__(
        self, execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        raw: Any = self.connection.connection
        if raw.info.transaction_status == TransactionStatus.IDLE:
            self._forget()
        verb = sql[:200].lstrip("( \n").upper() if isinstance(sql, str) else ""
        if verb.startswith("ROLLBACK"):
            # To a savepoint: the actor, and the ring that was asked for, may be gone.
            self.handed, self.rung = None, False
        if verb.startswith(READS):
            return execute(sql, params, many, context)
        if not self.connection.in_atomic_block:
            return self._autocommit(execute, sql, params, many, context)
        if not self.rung:
            doorbell.ring_on_commit(self.connection)
            self.rung = True
        self._hand_over(raw)
        return execute(sql, params, many, context)

    def _forget(self) -> None:
        # "" is what a new transaction assumes by itself: the database acts.
        self.handed, self.rung = "", False

    def _hand_over(self, raw: Any) -> None:
        acting = actors.current()
        setting = acting.as_setting() if acting else ""
        if self.handed == setting:
            return
        with raw.cursor() as cursor:
            cursor.execute(SET_ACTOR, [setting])
        self.handed = setting

    def _autocommit(
        self, execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        acting = actors.current()
        if acting is not None and (many or not isinstance(sql, str) or isinstance(params, dict)):
            with transaction.atomic(using=self.connection.alias):
                return self(execute, sql, params, many, context)
        if acting is None:
            result = execute(sql, params, many, context)
        else:
            # One message, hence one implicit transaction: the local setting reaches the trigger.
            statement = sql.replace("%", "%%") if params is None else sql
            values = [acting.as_setting(), *(params or ())]
            result = execute(f"{SET_ACTOR}; {statement}", values, False, context)
            context["cursor"].nextset()
        doorbell.ring()
        return result
