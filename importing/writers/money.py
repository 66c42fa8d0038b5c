"""Writes the money of one job: rows of its own, and provider events for the fold."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import Brand
from core import clock
from core.refusal import field_of, message_of
from importing.errors import Refused
from importing.format.job import Job
from importing.history.base import Change
from importing.history.provider_events import incoming
from importing.naming import key_of
from payments.domain.allocations import Share, allocate, in_proportion, shares_of
from payments.domain.card_payments import parts_of_new
from payments.domain.numbers import next_number
from payments.domain.status import save_changes, set_payment
from payments.ingest.apply import BY_FOLD
from payments.ingest.imported_fact import freeze
from payments.ingest.match_disputes import freeze as freeze_dispute
from payments.ingest.match_refunds import freeze as freeze_refund
from payments.ingest.receive import Outcome, has_events, receive, refold
from payments.models import Dispute, Payment, PaymentAttempt, Refund, RefundOrigin
from payments.timeline.labels import means
from workorders.models import WorkOrder
from workorders.queries import is_numbered

Values = Mapping[str, Any]
# Changes of these tables have the payment's own key; the others name it as their parent.
OWN = frozenset({"payment", "order"})
MONEY_TABLES = OWN | {"attempt", "refund", "dispute"}


class MoneyWriter:
    """Writes payments, attempts, refunds, disputes and events of one job."""

    def __init__(self, brand: Brand, job: WorkOrder, line: Job) -> None:
        self.brand = brand
        self.job = job
        # Payments that the fold writes are known by their order.
        self._orders = {
            key_of(payment, n): (payment.provider, payment.order_id)
            for n, payment in enumerate(line.payments)
            if payment.provider_steps
        }
        self._payments: dict[str, Payment] = {}
        # Keys of payments whose ledger does not have yet what was written of them.
        self._unposted: set[str] = set()
        self._writers: dict[str, Callable[[Change], None]] = {
            "payment": self._payment,
            "attempt": self._attempt,
            "refund": self._refund,
            "dispute": self._dispute,
            "event": self._event,
            "order": self._staff_notes,
        }

    def write(self, change: Change) -> None:
        """Write one change. Raises Refused with the path of what cannot be written."""
        history = change.history
        if history.table in MONEY_TABLES:
            self._unposted.add(history.key if history.table in OWN else history.parent)
        self._writers[history.table](change)

    def take_unposted(self) -> list[Payment]:
        """The payments whose ledger may lack something, as they are now; each is answered once.

        What follows from events was posted where they were folded.
        """
        keys = self._unposted & self._payments.keys()
        self._unposted.clear()
        result = []
        for key in sorted(keys, key=lambda k: self._payments[k].pk):
            payment = self._payments[key]
            if key in self._orders:
                payment.refresh_from_db()  # the fold writes it by itself
            payment.brand, payment.work_order = self.brand, self.job
            result.append(payment)
        return result

    # --- payments --------------------------------------------------------------------------------

    def _payment(self, change: Change) -> None:
        values = dict(change.patch)
        values.pop("shares", None)
        full = change.version.values
        if "amount" in values or "fee_amount" in values:
            values["services_amount"] = full["amount"] - full["fee_amount"]
            values["fee_amount"] = full["fee_amount"]
        values["imported_fact"] = freeze(full, change.history.versions[0].at)
        if change.before is not None:
            self._correct(self._of(change.history.key, change), values, change)
            return
        payment = Payment(
            brand=self.brand,
            work_order=self.job,
            number=next_number(Payment, self.job),
            currency=self.brand.currency,
            external_id=change.history.key,
            happened_at=change.version.at,
            created_at=clock.now(),
            **values,
        )
        if len(full["shares"]) == 1:
            payment.services_amount, payment.fee_amount = parts_of_new(self.job, payment)
        payment.save(force_insert=True)
        self._payments[change.history.key] = payment
        self._allocate(payment, change)

    def _correct(self, payment: Payment, values: dict[str, Any], change: Change) -> None:
        """Write what changed; where events followed, fold them onto the corrected fact."""
        if not has_events(payment):
            set_payment(payment, values)
            self._reallocate(payment)
            return
        set_payment(payment, {k: v for k, v in values.items() if k not in BY_FOLD})
        self._fold(payment, change.history.key)

    def _allocate(self, payment: Payment, change: Change) -> None:
        shares: dict[int, Share] = {}
        for n, (number, amount, fee) in enumerate(change.version.values["shares"]):
            gross = payment.amount if amount is None else amount
            part = payment.fee_amount if fee is None else fee
            job = self._paid_job(number, f"{change.history.path}.shares[{n}].work_order")
            shares[job.pk] = Share(gross - part, part)
        allocate(payment, shares)

    def _paid_job(self, number: str, path: str) -> WorkOrder:
        if number.lower() == self.job.number.lower():
            return self.job
        other = WorkOrder.objects.filter(is_numbered(number), brand=self.brand).first()
        if other is None:
            raise Refused(path, f"no job {number} here yet: its line must come first")
        return other

    def _reallocate(self, payment: Payment) -> None:
        """Let the shares and every label follow a corrected amount or reference."""
        allocate(payment, in_proportion(payment, shares_of(payment)))

    def _of(self, key: str, change: Change) -> Payment:
        """The payment of a key, imported or known by its order. Refused where there is none."""
        if key not in self._payments:
            mine = Payment.objects.filter(work_order=self.job)
            if key in self._orders:
                provider, order_id = self._orders[key]
                mine = mine.filter(provider=provider, provider_order_id=order_id)
            else:
                mine = mine.filter(external_id=key)
            payment = mine.first()
            if payment is None:
                raise Refused(change.history.path, "its payment is not here")
            self._payments[key] = payment
        return self._payments[key]

    # --- attempts, refunds, disputes -------------------------------------------------------------

    def _attempt(self, change: Change) -> None:
        history = change.history
        payment = self._of(history.parent, change) if history.parent else None
        if change.before is not None:
            mine = PaymentAttempt.objects.filter(
                work_order=self.job, payment=payment, external_id=history.key
            )
            self._update(mine.first(), change, change.patch)
            return
        PaymentAttempt.objects.create(
            brand=self.brand,
            work_order=self.job,
            payment=payment,
            number=next_number(PaymentAttempt, self.job),
            currency=self.brand.currency,
            external_id=history.key,
            happened_at=change.version.at,
            **change.patch,
        )

    def _refund(self, change: Change) -> None:
        history = change.history
        payment = self._of(history.parent, change)
        frozen = freeze_refund(change.version.values, history.versions[0].at)
        if change.before is None:
            values = {**change.patch, "share_of": self._share_of(payment, change)}
            values["destination"] = values["destination"] or means(payment)[:120]
            Refund.objects.create(
                brand=self.brand,
                work_order=self.job,
                payment=payment,
                number=next_number(Refund, self.job),
                currency=self.brand.currency,
                origin=RefundOrigin.IMPORT,
                external_id=history.key,
                imported_fact=frozen,
                happened_at=change.version.at,
                **values,
            )
        else:
            row = Refund.objects.filter(payment=payment, external_id=history.key).first()
            self._update(row, change, {**self._unfolded(payment, change), "imported_fact": frozen})
        self._refold(payment, change)

    def _unfolded(self, payment: Payment, change: Change) -> dict[str, Any]:
        """What a change writes itself: nothing that the fold works out from events."""
        patch = dict(change.patch)
        named = {"share_of": self._share_of(payment, change)} if "share_of" in patch else {}
        return named if has_events(payment) else patch | named

    def _share_of(self, payment: Payment, change: Change) -> WorkOrder | None:
        """The job that a refund or dispute names. Refused where the payment does not pay it."""
        number = change.version.values["share_of"]
        if number is None:
            return None
        path = f"{change.history.path}.work_order"
        job = self._paid_job(number, path)
        if not payment.allocations.filter(work_order=job).exists():
            raise Refused(path, f"the payment does not pay {number}")
        return job

    def _refold(self, payment: Payment, change: Change) -> None:
        if has_events(payment):
            self._fold(payment, change.history.parent)

    def _fold(self, payment: Payment, key: str) -> None:
        """Fold again what a provider reported of ``payment``; that posts it, too."""
        if refold(payment):
            self._unposted.discard(key)
        payment.refresh_from_db()

    def _dispute(self, change: Change) -> None:
        history = change.history
        payment = self._of(history.parent, change)
        frozen = freeze_dispute(change.version.values, history.versions[0].at)
        if change.before is None:
            Dispute.objects.create(
                brand=self.brand,
                work_order=self.job,
                payment=payment,
                currency=self.brand.currency,
                origin=RefundOrigin.IMPORT,
                provider_key=history.key,
                imported_fact=frozen,
                happened_at=change.version.at,
                **{**change.patch, "share_of": self._share_of(payment, change)},
            )
        else:
            row = payment.disputes.filter(
                origin=RefundOrigin.IMPORT, provider_key=history.key
            ).first()
            self._update(row, change, {**self._unfolded(payment, change), "imported_fact": frozen})
        self._refold(payment, change)

    def _update(self, row: models.Model | None, change: Change, patch: Values) -> None:
        if row is None:
            raise Refused(change.history.path, "was imported before and is no longer here")
        save_changes(row, patch)

    # --- provider events -------------------------------------------------------------------------

    def _event(self, change: Change) -> None:
        values = change.version.values
        fact = incoming(values)
        payload = json.dumps(dict(values), cls=DjangoJSONEncoder, sort_keys=True)
        try:
            received = receive(
                self.brand,
                values["provider"],
                fact,
                payload=payload,
                received_at=fact.at,
                imported=True,
            )
        except ValidationError as error:
            path = f"{change.history.path}.{field_of(error)}"
            raise Refused(path, message_of(error)) from error
        if received.outcome == Outcome.UNFOLDABLE:
            raise Refused(change.history.path, received.event.processing_error)
        if received.event.work_order_id != self.job.pk:
            raise Refused(
                change.history.path, f"order {fact.order_id} belongs to another job already"
            )

    def _staff_notes(self, change: Change) -> None:
        """Write notes of staff on a payment that the fold writes; the first version has none."""
        notes = {k: v for k, v in change.patch.items() if k not in ("provider", "order_id")}
        if notes:
            payment = self._of(change.history.key, change)
            payment.refresh_from_db()  # the fold writes it by itself
            save_changes(payment, notes)
