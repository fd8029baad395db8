"""How text becomes rows with a verdict: clean, quarantined, duplicate or filtered."""
