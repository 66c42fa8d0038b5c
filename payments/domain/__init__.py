"""What happens to payments: plain typed functions, each one transaction.

Every verb first locks the work orders involved, ascending (``locks``), then anything else.
"""
