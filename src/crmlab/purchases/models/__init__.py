"""Customer-base models: how often customers buy while they stay, when they silently leave, and what they spend."""
