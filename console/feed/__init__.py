"""Feeds as pages show them: filters, keyset pages of threads, rows, what is new."""
