"""Customers spelled two ways: how alike two names are, and which pairs people have confirmed."""
