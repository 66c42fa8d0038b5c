"""Invoicing: what is owed. Invoices, the ledger, fees, credits, and the one settlement."""
