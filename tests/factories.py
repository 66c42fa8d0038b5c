"""Rows for tests, with believable values. Append what you need; keep defaults of others."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import Brand, Membership, Role, User
from core import clock
from payments.models import (
    AttemptStatus,
    Dispute,
    DisputeStatus,
    Method,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentStatus,
    Provider,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from tests.tripwire import unsettled
from workorders.models import (
    Charge,
    Client,
    Contact,
    ContactRole,
    Note,
    Service,
    TaxRate,
    WorkOrder,
)

PASSWORD = "correct horse battery"


class MoneyFactory(DjangoModelFactory):
    """Makes rows of tables whose changes have to be posted, and posts nothing."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        with unsettled():
            return super()._create(model_class, *args, **kwargs)


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    slug = factory.Sequence(lambda n: f"brand-{n}")
    name = factory.Sequence(lambda n: f"Brand {n}")
    number_prefix = "FHI"
    currency = "USD"
    time_zone = "America/Boise"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    name = factory.Sequence(lambda n: f"User {n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> User:
        return User.objects.create_user(password=PASSWORD, **kwargs)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    brand = factory.SubFactory(BrandFactory)
    user = factory.SubFactory(UserFactory)
    user_label = factory.LazyAttribute(lambda o: str(o.user))
    role = Role.CSR


class ClientFactory(DjangoModelFactory):
    class Meta:
        model = Client

    brand = factory.SubFactory(BrandFactory)
    name = factory.Sequence(lambda n: f"Client {n}")
    email = factory.Sequence(lambda n: f"client{n}@example.com")


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    brand = factory.SubFactory(BrandFactory)
    name = factory.Sequence(lambda n: f"Service {n}")
    default_price = Decimal("329.00")


class TaxRateFactory(DjangoModelFactory):
    class Meta:
        model = TaxRate

    brand = factory.SubFactory(BrandFactory)
    name = factory.Sequence(lambda n: f"Tax {n}")
    percent = Decimal("8.25")


class WorkOrderFactory(DjangoModelFactory):
    class Meta:
        model = WorkOrder

    brand = factory.SubFactory(BrandFactory)
    client = factory.SubFactory(ClientFactory, brand=factory.SelfAttribute("..brand"))
    number = factory.Sequence(lambda n: f"FHI{1000 + n}")
    address = factory.Sequence(lambda n: f"{n + 100} Alder Court, Boise ID")
    inspector = "Sam Ortega"
    happened_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=3))
    scheduled_for = factory.LazyFunction(lambda: clock.now() + timedelta(days=1))


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    work_order = factory.SubFactory(WorkOrderFactory)
    brand = factory.SelfAttribute("work_order.brand")
    role = ContactRole.BUYERS_AGENT
    name = factory.Sequence(lambda n: f"Contact {n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.com")
    happened_at = factory.SelfAttribute("work_order.happened_at")


class ChargeFactory(MoneyFactory):
    class Meta:
        model = Charge

    work_order = factory.SubFactory(WorkOrderFactory)
    brand = factory.SelfAttribute("work_order.brand")
    description = "General Home Inspection"
    amount = Decimal("329.00")
    happened_at = factory.SelfAttribute("work_order.happened_at")


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = Note

    work_order = factory.SubFactory(WorkOrderFactory)
    brand = factory.SelfAttribute("work_order.brand")
    text = "Gate code 1234"
    author_label = "Dana Whitfield"
    happened_at = factory.SelfAttribute("work_order.happened_at")


class PaymentFactory(MoneyFactory):
    """A payment with its one allocation, as ``payments.domain`` would write it."""

    class Meta:
        model = Payment
        skip_postgeneration_save = True

    work_order = factory.SubFactory(WorkOrderFactory)
    brand = factory.SelfAttribute("work_order.brand")
    number = factory.LazyAttribute(lambda o: o.work_order.payments.count() + 1)
    method = Method.CHECK
    provider = Provider.MANUAL
    status = PaymentStatus.COMPLETED
    currency = factory.SelfAttribute("brand.currency")
    amount = Decimal("329.00")
    fee_amount = Decimal("0.00")
    services_amount = factory.LazyAttribute(lambda o: o.amount - o.fee_amount)
    payer_name = factory.SelfAttribute("work_order.client.name")
    happened_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=2))

    @factory.post_generation
    def allocated(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted is not False:
            with unsettled():
                PaymentAllocation.objects.create(
                    brand=self.brand,
                    payment=self,
                    work_order=self.work_order,
                    amount=self.amount,
                    services_amount=self.services_amount,
                    fee_amount=self.fee_amount,
                    status=self.status,
                    payment_label=f"{self.work_order.number}-{self.short_number}",
                    happened_at=self.happened_at,
                )


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = PaymentAttempt

    work_order = factory.SubFactory(WorkOrderFactory)
    brand = factory.SelfAttribute("work_order.brand")
    number = factory.LazyAttribute(lambda o: o.work_order.attempts.count() + 1)
    method = Method.CARD
    provider = Provider.GUARDIAN
    status = AttemptStatus.FAILED
    currency = factory.SelfAttribute("brand.currency")
    amount = Decimal("340.52")
    card_brand = "visa"
    last4 = "0002"
    failure_code = "card_declined"
    decline_code = "insufficient_funds"
    happened_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=2))


class RefundFactory(MoneyFactory):
    class Meta:
        model = Refund

    payment = factory.SubFactory(PaymentFactory)
    work_order = factory.SelfAttribute("payment.work_order")
    brand = factory.SelfAttribute("work_order.brand")
    share_of = factory.SelfAttribute("work_order")
    number = factory.LazyAttribute(lambda o: o.work_order.refunds.count() + 1)
    status = RefundStatus.COMPLETED
    currency = factory.SelfAttribute("brand.currency")
    amount = Decimal("100.00")
    fee_amount = Decimal("0.00")
    services_amount = factory.LazyAttribute(lambda o: o.amount - o.fee_amount)
    happened_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=1))


class DisputeFactory(MoneyFactory):
    class Meta:
        model = Dispute

    payment = factory.SubFactory(PaymentFactory, status=PaymentStatus.DISPUTED)
    work_order = factory.SelfAttribute("payment.work_order")
    brand = factory.SelfAttribute("work_order.brand")
    status = DisputeStatus.OPEN
    currency = factory.SelfAttribute("brand.currency")
    amount = factory.SelfAttribute("payment.amount")
    provider_dispute_id = factory.Sequence(lambda n: f"dp_{n}")
    origin = RefundOrigin.PROVIDER
    provider_key = factory.SelfAttribute("provider_dispute_id")
    happened_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=1))
