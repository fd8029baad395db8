"""How types and life-cycle stages change from month to month."""
