"""Models of the chance that a contract is renewed at its end, and the choice between them."""
