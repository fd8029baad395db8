"""Who still buys, and how often to expect it: histories from the ledger, the model that fits them, what it forecasts."""
