"""What customers expect and meet, how far apart the two are, and who answers."""
