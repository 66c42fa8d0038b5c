"""How changes of this app read on a feed."""
