"""QuickBooks: a payment that a bookkeeper wrote down there. Staff return its money by hand."""

from payments.providers.base import ProviderKind

QUICKBOOKS = ProviderKind(slug="quickbooks", label="QuickBooks", moves_money=False)
