"""Invoicing: what is due. Invoices, the ledger, fees, credits, and the one settlement."""
