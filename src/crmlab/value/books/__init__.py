"""Profit to date: what every customer brought and cost, from the books, line by line."""
