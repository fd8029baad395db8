"""Value to come: what contracts, purchases and replacements will bring, and what serving will cost, as of any day."""
