"""Pages of this app: the team of a brand, invitations, one's own account."""
