"""What changed (captured by the database), and how it reads (projected from it).

Brand and work order are plain numbers here, not foreign keys: this app knows no other.
"""

import json
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class ExactDecoder(json.JSONDecoder):
    """Numbers of captured rows come back as ``Decimal``: no float ever comes near money."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "parse_float": Decimal})


class Op(models.TextChoices):
    """What happened to the row."""

    INSERT = "I", "added"
    UPDATE = "U", "changed"
    DELETE = "D", "deleted"


class State(models.TextChoices):
    """The state of a thing, in the seven tones that every page uses."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    ATTENTION = "attention"
    FAILED = "failed"
    REFUNDED = "refunded"
    VOIDED = "voided"
    NEUTRAL = "neutral"


class Thread(models.Model):
    """The entries that belong to one thing on one feed: a payment, a refund, a document.

    ``data`` holds what its headline needs (amount, number, method, last4), as of the newest
    change. Written by the projector alone.
    """

    brand_id = models.BigIntegerField()
    work_order_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="children"
    )
    state = models.CharField(max_length=20, choices=State, default=State.NEUTRAL)
    status = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    payment_view = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    # Newest row of this thread or of a thread that hangs under it: where it stands on the page.
    last_at = models.DateTimeField()
    entry_count = models.PositiveIntegerField(default=0)
    state_change_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand_id", "work_order_id", "kind", "object_id"],
                nulls_distinct=False,
                name="activity_thread_one_per_thing",
            )
        ]
        indexes = [
            models.Index(
                fields=["brand_id", "work_order_id", "-last_at", "-id"], name="activity_thread_feed"
            ),
        ]


class Entry(models.Model):
    """One line of a feed. Codes and data are stored; sentences are rendered when shown."""

    brand_id = models.BigIntegerField()
    work_order_id = models.BigIntegerField(null=True)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="entries")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=20, choices=State, default=State.NEUTRAL)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(max_length=200)
    source = models.CharField(max_length=40)
    imported = models.BooleanField(default=False)
    request_id = models.CharField(max_length=64, blank=True)
    references = ArrayField(models.CharField(max_length=200), default=list)
    payment_view = models.BooleanField(default=False)
    money_moved = models.BooleanField(default=False)
    problem = models.BooleanField(default=False)
    technical = models.BooleanField(default=False)
    # The transaction that wrote this entry: "new" means "not visible to the page's snapshot".
    txid = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(
                fields=["brand_id", "work_order_id", "-occurred_at", "-id"],
                name="activity_entry_feed",
            ),
            models.Index(fields=["brand_id", "-occurred_at", "-id"], name="activity_entry_brand"),
            models.Index(fields=["brand_id", "work_order_id", "txid"], name="activity_entry_new"),
            models.Index(fields=["thread", "-occurred_at", "-id"], name="activity_entry_thread"),
            GinIndex(fields=["references"], name="activity_entry_references"),
        ]


class Change(models.Model):
    """One row-level change of a tracked table: audit log and outbox in one.

    Written by triggers only. ``entry`` is the one entry that shows it; a change that is
    projected and has none is a listed silence.
    """

    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    txid = models.BigIntegerField()
    entity = models.CharField(max_length=80)
    op = models.CharField(max_length=1, choices=Op)
    object_id = models.BigIntegerField()
    brand_id = models.BigIntegerField(null=True)
    work_order_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True, decoder=ExactDecoder)
    after = models.JSONField(null=True, decoder=ExactDecoder)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64)
    step = models.CharField(max_length=32)
    imported = models.BooleanField()
    projected_at = models.DateTimeField(null=True)
    entry = models.ForeignKey(Entry, null=True, on_delete=models.SET_NULL, related_name="changes")

    class Meta:
        indexes = [
            models.Index(
                fields=["brand_id", "work_order_id", "id"],
                condition=models.Q(projected_at=None),
                name="activity_change_pending",
            ),
            models.Index(fields=["entity", "object_id", "id"], name="activity_change_object"),
        ]
