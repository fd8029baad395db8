"""How well remote support and the model tell, and whether the world has moved away from the model."""
