"""Rows that a test begins with, written past the verbs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Max

from invoicing.models import Unsettled


@contextmanager
def unsettled() -> Iterator[None]:
    """What is written here is a state to begin with: nothing of it has to be posted by now."""
    with transaction.atomic():
        last = Unsettled.objects.aggregate(last=Max("pk"))["last"] or 0
        yield
        Unsettled.objects.filter(pk__gt=last).delete()
