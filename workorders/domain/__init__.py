"""Verbs on jobs, charges and people: plain functions, each one transaction, work order first.

Every verb raises ``ValidationError`` with a dictionary of field names for input that cannot
stand, before anything is written. Who acts is the open ``acting_as`` step.
"""
