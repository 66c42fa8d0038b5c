"""The job and what is billed on it. Tables only; verbs are in ``workorders.domain``."""

from decimal import Decimal

from django.db import models
from django.db.models.functions import Upper

from accounts.models import Brand
from activity.tracking import track
from core.append_only import append_only
from core.constraints import CompositeForeignKey
from core.fields import MoneyField
from core.money import display_percent


class Client(models.Model):
    """Somebody whom a brand works for; may have many jobs."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    # As documents print it: where they are billed to, and their number with the tax office.
    address = models.CharField(max_length=240, blank=True)
    tax_number = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "brand"], name="workorders_client_brand"),
            models.UniqueConstraint(
                fields=["brand", "external_id"],
                condition=~models.Q(external_id=""),
                name="workorders_client_external",
            ),
        ]
        indexes = [models.Index(fields=["brand", "name", "id"], name="workorders_client_name")]
        triggers = track(
            "workorders.client",
            ["name", "email", "phone", "address", "tax_number"],
            work_order="NULL",
        )

    def __str__(self) -> str:
        return self.name


class ServiceType(models.TextChoices):
    """*Cancellation* is a billable line, which is not the work order status *cancelled*."""

    STANDARD = "standard", "Service"
    CANCELLATION = "cancellation", "Cancellation"


class TaxRate(models.Model):
    """A tax that a brand adds to lines. Charges keep a copy: changing it changes none of them."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="tax_rates")
    name = models.CharField(max_length=60)
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="workorders_taxrate_name"),
            models.UniqueConstraint(fields=["id", "brand"], name="workorders_taxrate_brand"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100),
                name="workorders_taxrate_percent",
            ),
        ]
        triggers = track("workorders.tax_rate", ["name", "percent", "is_active"], work_order="NULL")

    def __str__(self) -> str:
        """``Sales tax 8.25%``."""
        return f"{self.name} {self.percent_words}"

    @property
    def percent_words(self) -> str:
        """``8.25%``."""
        return display_percent(self.percent)


class Service(models.Model):
    """A catalogue item."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=160)
    service_type = models.CharField(
        max_length=20, choices=ServiceType, default=ServiceType.STANDARD
    )
    default_price = MoneyField(null=True, blank=True)
    # Suggested for charges made from it, like the price.
    tax_rate = models.ForeignKey(
        TaxRate, null=True, blank=True, on_delete=models.PROTECT, related_name="services"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="workorders_service_name"),
            models.UniqueConstraint(fields=["id", "brand"], name="workorders_service_brand"),
            CompositeForeignKey(
                fields=["tax_rate", "brand"],
                to="workorders.TaxRate",
                to_fields=["id", "brand"],
                name="workorders_service_tax_rate_brand",
            ),
            models.CheckConstraint(
                condition=models.Q(service_type__in=ServiceType.values),
                name="workorders_service_type",
            ),
        ]
        triggers = track(
            "workorders.service",
            ["name", "service_type", "default_price", "tax_rate_id", "is_active"],
            work_order="NULL",
        )

    def __str__(self) -> str:
        return self.name


class WorkOrderStatus(models.TextChoices):
    """Independent of whether the report is published."""

    PENDING = "pending", "Pending"
    CONFIRMED = "confirmed", "Confirmed"
    CANCELLED = "cancelled", "Cancelled"


class Origin(models.TextChoices):
    """Where the job was born."""

    NATIVE = "native", "Paystory"
    SPECTORA = "spectora", "Spectora"
    ISN = "isn", "ISN"


class WorkOrder(models.Model):
    """The job. ``number`` is unique within its brand."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="work_orders")
    number = models.CharField(max_length=40)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="work_orders")
    status = models.CharField(
        max_length=12, choices=WorkOrderStatus, default=WorkOrderStatus.PENDING
    )
    published_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    inspector = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=240, blank=True)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.NATIVE)
    # Whether the card fee is off now; since when, ``CardFeeSwitch`` says.
    fee_disabled = models.BooleanField(default=False)
    # Why staff last changed its status or switched its card fee; required by those verbs.
    reason = models.CharField(max_length=500, blank=True)
    # When the job itself was booked; imports keep the original.
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="workorders_workorder_number"),
            # FHI624 and fhi624 are one number to whoever looks for it.
            models.UniqueConstraint("brand", Upper("number"), name="workorders_workorder_any_case"),
            models.UniqueConstraint(fields=["id", "brand"], name="workorders_workorder_brand"),
            CompositeForeignKey(
                fields=["client", "brand"],
                to="workorders.Client",
                to_fields=["id", "brand"],
                name="workorders_workorder_client_brand",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=WorkOrderStatus.values),
                name="workorders_workorder_status",
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=Origin.values), name="workorders_workorder_origin"
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-scheduled_for", "-id"], name="workorders_wo_scheduled"),
            models.Index(fields=["brand", "-happened_at", "-id"], name="workorders_wo_booked"),
            models.Index(fields=["brand", "client", "-id"], name="workorders_wo_client"),
        ]
        triggers = track(
            "workorders.work_order",
            [
                "number",
                "client_id",
                "status",
                "published_at",
                "scheduled_for",
                "inspector",
                "address",
                "origin",
                "fee_disabled",
                "reason",
            ],
            happened_at="happened_at",
            work_order="id",
        )

    def __str__(self) -> str:
        return self.number


class BookingNumber(models.Model):
    """How far a brand's job numbers are counted; see ``workorders.domain.numbers``.

    Not tracked: the number of a job is tracked with the job.
    """

    brand = models.OneToOneField(
        Brand, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    last = models.PositiveBigIntegerField(default=0)


def of_work_order(name: str) -> CompositeForeignKey:
    """The guard that a row's copied brand is its work order's."""
    return CompositeForeignKey(
        fields=["work_order", "brand"],
        to="workorders.WorkOrder",
        to_fields=["id", "brand"],
        name=name,
    )


class CardFeeSwitch(models.Model):
    """The card fee of one job was switched off or on again at a moment. Rows are never changed.

    A card payment is quoted by the last switch at or before it (docs/decisions/003): what it
    should have brought depends on rows about money alone. A job booked with its fee off has a
    first row at the moment of booking. ``workorders.domain.card_fee`` writes and reads them.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(
        WorkOrder, on_delete=models.PROTECT, related_name="card_fee_switches"
    )
    disabled = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["happened_at", "id"]
        constraints = [of_work_order("workorders_feeswitch_work_order")]
        indexes = [
            models.Index(
                fields=["brand", "work_order", "happened_at", "id"], name="workorders_feeswitch"
            )
        ]
        triggers = [
            *track("workorders.card_fee_switch", ["disabled", "reason"], happened_at="happened_at"),
            *append_only("switches of a card fee"),
        ]


class ContactRole(models.TextChoices):
    """Who somebody is on a job."""

    CLIENT = "client", "Client"
    BUYERS_AGENT = "buyers_agent", "Buyer’s agent"
    SELLERS_AGENT = "sellers_agent", "Seller’s agent"
    TITLE_COMPANY = "title_company", "Title company"
    PAYER = "payer", "Other payer"


class Contact(models.Model):
    """A person on one job; some *get invoices*."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="contacts")
    role = models.CharField(max_length=20, choices=ContactRole)
    name = models.CharField(max_length=160)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    gets_invoices = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [of_work_order("workorders_contact_work_order")]
        indexes = [models.Index(fields=["brand", "name"], name="workorders_contact_name")]
        triggers = track(
            "workorders.contact",
            ["role", "name", "email", "phone", "gets_invoices"],
            happened_at="happened_at",
        )


class Charge(models.Model):
    """One line on a work order: what is being billed. A discount is a negative charge."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="charges")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT)
    service_type = models.CharField(
        max_length=20, choices=ServiceType, default=ServiceType.STANDARD
    )
    description = models.CharField(max_length=240)
    # Before tax, which comes on top: ``core.money.charge_tax``.
    amount = MoneyField()
    # Copied from the tax rate when the charge was written; 0 and no name is untaxed.
    tax_name = models.CharField(max_length=60, blank=True)
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    # The tax as an older system rounded it; NULL: computed. Gone once amount or tax change.
    tax_amount = MoneyField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    external_id = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            of_work_order("workorders_charge_work_order"),
            CompositeForeignKey(
                fields=["service", "brand"],
                to="workorders.Service",
                to_fields=["id", "brand"],
                name="workorders_charge_service_brand",
            ),
            models.CheckConstraint(
                condition=models.Q(service_type__in=ServiceType.values),
                name="workorders_charge_type",
            ),
            # A tax has a name, and no tax has none.
            models.CheckConstraint(
                condition=models.Q(tax_percent=0, tax_name="")
                | (models.Q(tax_percent__gt=0, tax_percent__lte=100) & ~models.Q(tax_name="")),
                name="workorders_charge_tax",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "work_order", "position"], name="workorders_charge_job")
        ]
        triggers = track(
            "workorders.charge",
            ["description", "amount", "service_type", "tax_name", "tax_percent", "tax_amount"],
            happened_at="happened_at",
        )


class Note(models.Model):
    """An internal note of staff on a job."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=4000)
    author_label = models.CharField(max_length=200)
    external_id = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [of_work_order("workorders_note_work_order")]
        triggers = track("workorders.note", ["text"], happened_at="happened_at")


class MessageKind(models.TextChoices):
    """What else happens around a job and has nothing to do with its money."""

    SMS_SENT = "sms_sent", "SMS sent"
    SMS_RECEIVED = "sms_received", "SMS received"
    EMAIL_SENT = "email_sent", "E-mail sent"
    CALL = "call", "Call"
    AGREEMENT_SENT = "agreement_sent", "Agreement sent"
    AGREEMENT_SIGNED = "agreement_signed", "Agreement signed"


class Message(models.Model):
    """An SMS, e-mail, call or agreement step: shown under Activity, never as a payment."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    work_order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=20, choices=MessageKind)
    person = models.CharField(max_length=160, blank=True)
    text = models.TextField(max_length=4000, blank=True)
    external_id = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [of_work_order("workorders_message_work_order")]
        triggers = track(
            "workorders.message", ["kind", "person", "text"], happened_at="happened_at"
        )
