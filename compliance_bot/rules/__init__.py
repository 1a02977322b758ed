"""Where an event goes, to whom and why. Pure: no await, no clock, no environment."""
