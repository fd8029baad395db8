"""What each customer is worth: profit to date and value to come, net of what it costs to serve."""
