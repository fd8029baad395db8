"""What was known about a contract on any day, and whether it was then renewed."""
