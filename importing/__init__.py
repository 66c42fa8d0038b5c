"""Moving in: jobs of an older system, with their history, from JSON Lines.

``format`` is the shape of one line (and the source of docs/import-format.md), ``lines`` reads
and checks text, ``stories`` turns a job into what happened when (pure), ``player`` performs it,
``loader`` does a whole file and answers with a report.
"""
