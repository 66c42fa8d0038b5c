"""Proof that what pages say is what the rows say: the audit, and the explanation of one balance.

Reads only; every figure comes from ``invoicing.queries``.
"""
