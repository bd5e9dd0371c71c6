"""Shows the effect of a change before it is deployed."""
