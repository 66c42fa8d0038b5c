"""Audit: proof of every figure, and the explanation of a balance."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Has commands and no tables: it reads what the floors below wrote."""

    name = "audit"
