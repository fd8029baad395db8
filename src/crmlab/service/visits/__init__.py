"""Whether the first visit fixed, why a second was needed, and where a repair waits."""
