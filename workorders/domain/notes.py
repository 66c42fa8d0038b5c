"""Internal notes of staff on a job: never seen by a client, never part of the payment view."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Brand
from core import clock
from workorders.domain.locks import lock_work_order
from workorders.models import Note

MAX_LENGTH = 4000


@transaction.atomic
def add_note(
    brand: Brand, work_order_id: int, text: str, *, author: str, at: datetime | None = None
) -> Note:
    """Write ``text`` on a job in the name of ``author``. ValidationError names ``text``."""
    cleaned = text.strip()
    if not cleaned:
        raise ValidationError({"text": "Write something first."})
    if len(cleaned) > MAX_LENGTH:
        raise ValidationError({"text": f"At most {MAX_LENGTH} characters."})
    job = lock_work_order(brand, work_order_id)
    return Note.objects.create(
        brand=brand,
        work_order=job,
        text=cleaned,
        author_label=author,
        happened_at=at or clock.now(),
    )
