"""What is broken: causes and their probabilities, from what a caller says and what is known of the machine."""
