"""Verbs of invoicing: one transaction each, the work orders locked first."""
