"""Pages and webhooks of payments: parse, call, render."""
