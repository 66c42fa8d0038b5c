"""The technology fee that a card payment should have brought, and the policy for a missing one.

The quote of our own attempt counts; a payment without one (a provider's, an import's) is quoted
by what was true when it was paid: the policy in force, the card's funding, and whether the job's
card fee was switched off. All of it is asked as of that moment, so the quote follows from the
facts alone, in whatever order they come, and no later switch of job or policy changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from core.split import fee_part
from invoicing.domain.fees import known_policies
from invoicing.models import FeePolicy
from invoicing.settlement.quote import Policy, policy_at
from invoicing.settlement.types import Uncollected
from payments.models import RECEIVED_STATUSES, Funding, Method, Payment, PaymentStatus
from workorders.domain.card_fee import was_disabled

# Money that came; also where it was taken back afterwards.
CAME = (*RECEIVED_STATUSES, PaymentStatus.CHARGED_BACK, PaymentStatus.RETURNED)


@dataclass
class Quoter:
    """What paying services with the card of one payment cost when it was paid.

    ``policies`` are all of its brand's. Reads, writes nothing.
    """

    payment: Payment
    policies: Sequence[FeePolicy]

    @property
    def at(self) -> datetime:
        """When it was paid."""
        return self.payment.paid_at or self.payment.happened_at

    @cached_property
    def policy(self) -> Policy | None:
        """The policy that was in force then, as it was known when the payment came to be here."""
        return policy_at(known_policies(self.policies, self.payment.created_at), self.at)

    @property
    def uncollected(self) -> Uncollected:
        """What becomes of a fee that did not come."""
        return self.policy.uncollected if self.policy else Uncollected.ABSORB

    @cached_property
    def _is_off(self) -> bool:
        return was_disabled(self.payment.work_order, self.at)

    @cached_property
    def before(self) -> tuple[Decimal, Decimal] | None:
        """The services and the fee that the client was quoted, where an attempt recorded it.

        What our fold writes on an attempt is the fee that came, not one that was quoted.
        """
        if not self.payment.pk:
            return None  # about to be written
        rows = self.payment.attempts.exclude(fee_expected=None)
        last = rows.filter(provider_order_id="").order_by("-happened_at", "-pk").first()
        if last is None or last.fee_expected is None:
            return None
        return last.amount - last.fee_expected, last.fee_expected

    def __call__(self, services: Decimal) -> Decimal | None:
        """The fee for paying ``services``; None where none is owed. Never one on a fee."""
        if services <= 0:
            return None
        if self.before is None:
            return self._by_policy(services)
        tried, fee = self.before
        return fee if services >= tried else self._of_less(services, tried, fee)

    def _of_less(self, services: Decimal, tried: Decimal, fee: Decimal) -> Decimal | None:
        """A capture of less than was tried: what the policy by which it was quoted says of it.

        A ratio would be wrong where there is a fixed part or a cap. It is all there is where
        somebody else quoted the fee.
        """
        if self._of_policy(tried) == fee:
            return self._of_policy(services)
        return fee_part(services, fee, tried, self.payment.currency)

    def _by_policy(self, services: Decimal) -> Decimal | None:
        fee = self._of_policy(services)
        return None if fee is None or self._is_off else fee

    def _of_policy(self, services: Decimal) -> Decimal | None:
        if self.policy is None:
            return None
        funding = self.payment.funding or Funding.UNKNOWN
        return self.policy.fee(services, funding, self.payment.currency)


def may_owe(payment: Payment) -> bool:
    """Whether ``payment`` may owe a fee: only a card does, and only money on a ledger."""
    is_card = payment.method == Method.CARD and payment.status in CAME
    return is_card and payment.currency == payment.brand.currency
