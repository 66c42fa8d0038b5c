"""Importing jobs of an older system, with their history, from JSON Lines.

``format`` is the shape of one line (and the source of docs/import-format.md), ``checks`` reads
and checks text, ``documents`` brings invoices and credits into one shape, ``history`` turns a job
into what happened when (these are pure), ``writers`` writes it, ``proof`` compares what the line
says of its payments with the ledger, ``legacy`` the older system's figures with the settlement,
``loader`` imports a whole file and reports on it.
"""
