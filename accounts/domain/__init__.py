"""Verbs of this app; each is one transaction."""
