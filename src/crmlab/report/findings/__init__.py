"""Sentences that depend on figures: one module per page, figures in, messages out, every branch tested."""
