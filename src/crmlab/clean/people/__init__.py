"""How people are kept out: keyed hashes for ids, marks for names and numbers in free text."""
