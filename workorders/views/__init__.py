"""Pages that write to jobs, people and the catalogue."""
