"""Performs steps: writes the rows of one job, each step in the name and at the time it happened.

The caller holds the transaction and, where the job exists, its lock.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.models import Brand
from activity.actors import acting_as
from importing.documents.shape import Papers
from importing.errors import FAULTS, Refused, reason_of
from importing.format.job import Job
from importing.history.base import Scene, Step
from importing.writers.documents import BillPlayer
from importing.writers.money import MONEY_TABLES, MoneyPlayer
from invoicing.domain import follow_charges, rollup
from payments.domain.post import post
from payments.domain.status import save_changes
from workorders.domain.card_fee import record_switch
from workorders.models import (
    Charge,
    Client,
    Contact,
    Message,
    Note,
    Service,
    WorkOrder,
    WorkOrderStatus,
)

Values = Mapping[str, Any]
PAPER_TABLES = frozenset({"invoice", "credit", "applied", "legacy"})
# Services by brand and name, as far as they were met.
Catalogue = dict[tuple[int, str], Service]


def _moves_documents(scene: Scene) -> bool:
    """Whether a version of the job's row may issue its bill."""
    return scene.story.table == "work_order" and "status" in scene.patch


class Player:
    """Writes the scenes of one job. ``job`` is None until its first scene."""

    def __init__(
        self,
        brand: Brand,
        line: Job,
        papers: Papers,
        work_order: WorkOrder | None,
        catalogue: Catalogue,
    ) -> None:
        self.brand = brand
        self.line = line
        self.papers = papers
        self._catalogue = catalogue
        self._job = work_order
        self._client = work_order.client if work_order else None
        self._money: MoneyPlayer | None = None
        self._writers: dict[str, Callable[[Scene], None]] = {
            "client": self._write_client,
            "work_order": self._write_job,
            "contacts": self._write_contacts,
            "charges": self._write_charges,
            "message": self._write_message,
            "note": self._write_note,
        }

    @property
    def job(self) -> WorkOrder:
        """The work order, once its own scene is written."""
        assert self._job is not None
        return self._job

    def play(self, steps: Sequence[Step]) -> None:
        """Write every step, in its order. Raises Refused where a scene cannot be written."""
        with rollup.deferred() as recompute_now:
            for step in steps:
                with acting_as(step.actor, at=step.at, imported=True):
                    self._play(step, is_last=step is steps[-1])
                    # Told as of the step in which an item reached it. A draft reaches nothing.
                    if self._money or step is steps[-1] or self._is_confirmed:
                        recompute_now()

    @property
    def _is_confirmed(self) -> bool:
        return self._job is not None and self._job.status != WorkOrderStatus.PENDING

    def _play(self, step: Step, *, is_last: bool) -> None:
        for scene in step.scenes:
            try:
                self._write(scene)
            except FAULTS as error:
                raise Refused(scene.story.path, reason_of(error)) from error
        self._close(step)
        if is_last and self._job is not None and self.papers.stand_by_themselves:
            try:
                BillPlayer(self.brand, self.job, self.papers).finish()
            except FAULTS as error:
                raise Refused("invoices", reason_of(error)) from error

    def _close(self, step: Step) -> None:
        """The documents follow the job, and the ledger follows its money, as of this step."""
        tables = {scene.story.table for scene in step.scenes}
        if self._job is None:
            return
        moved = "charges" in tables or any(_moves_documents(scene) for scene in step.scenes)
        if moved and self.papers.stand_by_themselves:
            rollup.recompute(self.job)  # items are called by their charges
        elif moved:
            follow_charges.follow(self.job, self.job.reason or "Bill changed before the import")
        if self._money is not None and tables & MONEY_TABLES:
            for payment in self._money.touched(step.scenes):
                post(payment, imported=True)

    def _write(self, scene: Scene) -> None:
        if self._job is None and scene.story.table not in ("client", "work_order"):
            raise Refused(scene.story.path, "something happened before the job was booked")
        writer = self._writers.get(scene.story.table)
        if writer is not None:
            writer(scene)
            return
        if scene.story.table in PAPER_TABLES:
            BillPlayer(self.brand, self.job, self.papers).write(scene)
            return
        if self._money is None:
            self._money = MoneyPlayer(self.brand, self.job, self.line)
        self._money.write(scene)

    # --- client and job --------------------------------------------------------------------------

    def _write_client(self, scene: Scene) -> None:
        values = scene.patch
        client = self._client or self._find_client()
        if client is None:
            self._client = Client.objects.create(
                brand=self.brand, external_id=self.line.client.id or "", **values
            )
            return
        if scene.before is None:
            # Known from another job: what this line does not know stays.
            values = {name: value for name, value in values.items() if value}
        save_changes(client, values)
        self._client = client

    def _find_client(self) -> Client | None:
        told = self.line.client
        mine = Client.objects.filter(brand=self.brand)
        if told.id is not None:
            return mine.filter(external_id=told.id).first()
        # Two people may share a name: without an e-mail nobody is the same.
        same = mine.filter(name=told.name, email__iexact=told.email)
        return same.order_by("pk").first() if told.email else None

    def _write_job(self, scene: Scene) -> None:
        if scene.before is None:
            assert self._client is not None  # its scene comes first
            self._job = WorkOrder.objects.create(
                brand=self.brand,
                client=self._client,
                number=self.line.number,
                happened_at=scene.version.at,
                **scene.patch,
            )
            rollup.created(self._job)
            self._date_switch(scene, was_disabled=False)
            return
        was_disabled = self.job.fee_disabled
        save_changes(self.job, scene.patch)
        self._date_switch(scene, was_disabled=was_disabled)

    def _date_switch(self, scene: Scene, *, was_disabled: bool) -> None:
        """A card fee that is off or on from here on is so as of its own moment."""
        if self.job.fee_disabled != was_disabled:
            record_switch(self.job, at=scene.version.at)

    # --- lists: people and bill ------------------------------------------------------------------

    def _of_job(self, scene: Scene) -> Values:
        return {"brand": self.brand, "work_order": self.job, "happened_at": scene.version.at}

    def _write_contacts(self, scene: Scene) -> None:
        rows = list(self.job.contacts.all()) if scene.before is not None else []
        new = []
        for position, values in enumerate(scene.version.values["lines"]):
            if position < len(rows):
                save_changes(rows[position], values)
                continue
            new.append(Contact(**self._of_job(scene), position=position, **values))
        Contact.objects.bulk_create(new)
        before = len(scene.before["lines"]) if scene.before else 0
        for row in rows[len(scene.version.values["lines"]) : before]:
            row.delete()

    def _write_charges(self, scene: Scene) -> None:
        rows = {}
        if scene.before is not None:
            rows = {c.external_id: c for c in self.job.charges.exclude(external_id="")}
        new = []
        lines = scene.version.values["lines"]
        for position, line in enumerate(lines):
            values = {
                "service": self._service(line),
                "description": line["description"],
                "service_type": line["service_type"],
                "amount": line["amount"],
                "tax_name": line["tax_name"],
                "tax_percent": line["tax_percent"],
                "position": position,
            }
            row = rows.pop(line["key"], None)
            if row is not None:
                save_changes(row, values)
                continue
            new.append(Charge(**self._of_job(scene), external_id=line["key"], **values))
        Charge.objects.bulk_create(new)
        Charge.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()

    def _service(self, line: Values) -> Service | None:
        if line["service"] is None:
            return None
        key = (self.brand.pk, line["service"])
        if key not in self._catalogue:
            self._catalogue[key], _ = Service.objects.get_or_create(
                brand=self.brand,
                name=line["service"],
                defaults={"service_type": line["service_type"]},
            )
        return self._catalogue[key]

    # --- talk ------------------------------------------------------------------------------------

    def _write_message(self, scene: Scene) -> None:
        self._write_keyed(Message, scene)

    def _write_note(self, scene: Scene) -> None:
        self._write_keyed(Note, scene)

    def _write_keyed(self, model: type[Message] | type[Note], scene: Scene) -> None:
        key = scene.story.key
        if scene.before is not None:
            # One that staff deleted meanwhile stays deleted.
            for row in model._default_manager.filter(work_order=self.job, external_id=key):
                save_changes(row, scene.patch)
            return
        model._default_manager.create(
            brand=self.brand,
            work_order=self.job,
            external_id=key,
            happened_at=scene.version.at,
            **scene.patch,
        )
