"""Fault causes: what is broken, given what the customer says and what is known when the call comes in."""
