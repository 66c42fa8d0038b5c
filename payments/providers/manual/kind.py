"""Nobody but us: a payment that staff wrote down, and that only staff can return."""

from payments.providers.base import ProviderKind

MANUAL = ProviderKind(slug="manual", label="Recorded by hand", moves_money=False)
