"""Nuvei: cards. Its payments come by import; it sends no webhooks yet."""

from payments.providers.base import ProviderKind

NUVEI = ProviderKind(slug="nuvei", label="Nuvei")
