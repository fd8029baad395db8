"""How good the values stated on earlier days were, beside simple lines."""
