"""What was promised, when it was kept, and what could be promised."""
