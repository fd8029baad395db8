"""What to take along and what to check first: the parts a cause needs, the best kit, the order of checks."""
