"""How long contract relations last, how they end, and what goes with their end: what managers read."""
