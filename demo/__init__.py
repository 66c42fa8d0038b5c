"""Demo data: JSON Lines in the import format, made anew for the day on which it is loaded."""
