"""What was sold, to whom, at which discount and through which channel, and what the change since last year is made of."""
