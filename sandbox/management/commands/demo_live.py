"""``manage.py demo_live`` (``make demo-live``): let things happen on a running demo."""

from sandbox.management.commands.send_pay_at_close import Command

__all__ = ["Command"]
