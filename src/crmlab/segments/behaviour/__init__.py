"""What customers do, month by month: features, each a ratio with its denominator."""
