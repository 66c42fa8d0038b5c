"""Pages of invoicing, one module per area."""
