"""Contract terms as they were known on a day: what followed each of them, and how it ended."""
