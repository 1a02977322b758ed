"""Delivery: an effect is claimed, presented as things are now, committed, performed, recorded."""
