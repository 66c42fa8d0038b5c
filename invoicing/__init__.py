"""Invoicing: what is owed. So far its core: the settlement."""
