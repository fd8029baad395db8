"""What customers complain about, where complaints stick, and who stays."""
