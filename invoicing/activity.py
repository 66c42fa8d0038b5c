"""How changes of invoices, credits and fees read on a feed."""
