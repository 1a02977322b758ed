"""Figures: below everything that shows them."""
