"""Performs the money's scenes: rows that stand by themselves, and events for the fold."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import Brand
from core.refusal import field_of, message_of
from importing.errors import Refused
from importing.format.job import Job
from importing.history.base import Scene
from importing.history.money import incoming
from importing.naming import key_of
from payments.domain.allocations import Share, allocate, shares_of
from payments.domain.numbers import next_number
from payments.domain.status import save_changes, set_payment
from payments.ingest.apply import BY_FOLD
from payments.ingest.imported_fact import freeze
from payments.ingest.receive import Outcome, has_events, receive, refold
from payments.models import Dispute, Payment, PaymentAttempt, Refund, RefundOrigin
from payments.timeline.labels import means
from workorders.models import WorkOrder

Values = Mapping[str, Any]
# What a payment's ledger may hang on; its own scenes bear its key, the others name it.
OWN = frozenset({"payment", "order"})
MONEY_TABLES = OWN | {"attempt", "refund", "dispute"}


class MoneyPlayer:
    """Writes payments, attempts, refunds, disputes and events of one job."""

    def __init__(self, brand: Brand, job: WorkOrder, line: Job) -> None:
        self.brand = brand
        self.job = job
        # Payments that the fold keeps are known by their order.
        self._orders = {
            key_of(p, n): (p.provider, p.order_id) for n, p in enumerate(line.payments) if p.told
        }
        self._payments: dict[str, Payment] = {}
        self._writers: dict[str, Callable[[Scene], None]] = {
            "payment": self._payment,
            "attempt": self._attempt,
            "refund": self._refund,
            "dispute": self._dispute,
            "event": self._event,
            "order": self._noted,
        }

    def write(self, scene: Scene) -> None:
        """Write one scene. Raises Refused with the path of what cannot be written."""
        self._writers[scene.story.table](scene)

    def touched(self, scenes: Sequence[Scene]) -> list[Payment]:
        """The payments that these scenes wrote, or something of, as they are now.

        What events tell of a payment is posted where it is folded.
        """
        keys = {
            scene.story.parent or (scene.story.key if scene.story.table in OWN else "")
            for scene in scenes
            if scene.story.table in MONEY_TABLES
        }
        found = []
        for key in sorted(keys & self._payments.keys(), key=lambda k: self._payments[k].pk):
            payment = self._payments[key]
            if key in self._orders:
                payment.refresh_from_db()  # the fold writes it by itself
            payment.brand, payment.work_order = self.brand, self.job
            found.append(payment)
        return found

    # --- payments --------------------------------------------------------------------------------

    def _payment(self, scene: Scene) -> None:
        values = dict(scene.patch)
        values.pop("shares", None)
        full = scene.version.values
        if "amount" in values or "fee_amount" in values:
            values["services_amount"] = full["amount"] - full["fee_amount"]
        values["imported_fact"] = freeze(full, scene.story.versions[0].at)
        if scene.before is not None:
            self._correct(self._of(scene.story.key, scene), values, scene)
            return
        payment = Payment.objects.create(
            brand=self.brand,
            work_order=self.job,
            number=next_number(Payment, self.job),
            currency=self.brand.currency,
            external_id=scene.story.key,
            happened_at=scene.version.at,
            **values,
        )
        self._payments[scene.story.key] = payment
        self._allocate(payment, scene)

    def _correct(self, payment: Payment, values: dict[str, Any], scene: Scene) -> None:
        """What changed; where events followed, they are folded onto the corrected fact."""
        if not has_events(payment):
            set_payment(payment, values)
            self._reallocate(payment)
            return
        set_payment(payment, {k: v for k, v in values.items() if k not in BY_FOLD})
        refold(payment)
        payment.refresh_from_db()

    def _allocate(self, payment: Payment, scene: Scene) -> None:
        shares: dict[int, Share] = {}
        for n, (number, amount, fee) in enumerate(scene.version.values["shares"]):
            gross = payment.amount if amount is None else amount
            part = payment.fee_amount if fee is None else fee
            job = self._paid_job(number, f"{scene.story.path}.shares[{n}].work_order")
            shares[job.pk] = Share(gross - part, part)
        allocate(payment, shares)

    def _paid_job(self, number: str, path: str) -> WorkOrder:
        if number == self.job.number:
            return self.job
        other = WorkOrder.objects.filter(brand=self.brand, number=number).first()
        if other is None:
            raise Refused(path, f"no job {number} here yet: its line must come first")
        return other

    def _reallocate(self, payment: Payment) -> None:
        """A corrected amount or reference: the one share and every label follow."""
        shares = shares_of(payment)
        if len(shares) == 1:
            shares = dict.fromkeys(shares, Share(payment.services_amount, payment.fee_amount))
        allocate(payment, shares)

    def _of(self, key: str, scene: Scene) -> Payment:
        """The payment of a key, by import or by its order. Refused where the fold made none."""
        if key not in self._payments:
            mine = Payment.objects.filter(work_order=self.job)
            if key in self._orders:
                provider, order_id = self._orders[key]
                mine = mine.filter(provider=provider, provider_order_id=order_id)
            else:
                mine = mine.filter(external_id=key)
            found = mine.first()
            if found is None:
                raise Refused(scene.story.path, "its payment is not here")
            self._payments[key] = found
        return self._payments[key]

    # --- attempts, refunds, disputes -------------------------------------------------------------

    def _attempt(self, scene: Scene) -> None:
        story = scene.story
        payment = self._of(story.parent, scene) if story.parent else None
        if scene.before is not None:
            mine = PaymentAttempt.objects.filter(
                work_order=self.job, payment=payment, external_id=story.key
            )
            save_changes(self._only(mine.first(), scene), scene.patch)
            return
        PaymentAttempt.objects.create(
            brand=self.brand,
            work_order=self.job,
            payment=payment,
            number=next_number(PaymentAttempt, self.job),
            currency=self.brand.currency,
            external_id=story.key,
            happened_at=scene.version.at,
            **scene.patch,
        )

    def _refund(self, scene: Scene) -> None:
        story, values = scene.story, scene.patch
        payment = self._of(story.parent, scene)
        if scene.before is not None:
            mine = Refund.objects.filter(payment=payment, external_id=story.key)
            save_changes(self._only(mine.first(), scene), values)
            return
        values["destination"] = values["destination"] or means(payment)[:120]
        Refund.objects.create(
            brand=self.brand,
            work_order=self.job,
            payment=payment,
            number=next_number(Refund, self.job),
            currency=self.brand.currency,
            origin=RefundOrigin.IMPORT,
            external_id=story.key,
            happened_at=scene.version.at,
            **values,
        )

    def _dispute(self, scene: Scene) -> None:
        payment = self._of(scene.story.parent, scene)
        if scene.before is not None:
            mine = Dispute.objects.filter(payment=payment, provider_dispute_id=scene.story.key)
            save_changes(self._only(mine.first(), scene), scene.patch)
            return
        Dispute.objects.create(
            brand=self.brand,
            work_order=self.job,
            payment=payment,
            currency=self.brand.currency,
            happened_at=scene.version.at,
            **scene.patch,
        )

    def _only(self, row: Any, scene: Scene) -> Any:
        if row is None:
            raise Refused(scene.story.path, "was imported before and is no longer here")
        return row

    # --- what providers told ---------------------------------------------------------------------

    def _event(self, scene: Scene) -> None:
        values = scene.version.values
        fact = incoming(values)
        payload = json.dumps(dict(values), cls=DjangoJSONEncoder, sort_keys=True)
        try:
            got = receive(
                self.brand,
                values["provider"],
                fact,
                payload=payload,
                received_at=fact.at,
                imported=True,
            )
        except ValidationError as error:
            raise Refused(f"{scene.story.path}.{field_of(error)}", message_of(error)) from error
        if got.outcome == Outcome.UNFOLDABLE:
            raise Refused(scene.story.path, got.event.processing_error)
        if got.event.work_order_id != self.job.pk:
            raise Refused(scene.story.path, f"order {fact.order_id} belongs to another job already")

    def _noted(self, scene: Scene) -> None:
        """Notes of staff on a payment that the fold keeps; the order's first version has none."""
        notes = {k: v for k, v in scene.patch.items() if k not in ("provider", "order_id")}
        if notes:
            payment = self._of(scene.story.key, scene)
            payment.refresh_from_db()  # the fold writes it by itself
            save_changes(payment, notes)
