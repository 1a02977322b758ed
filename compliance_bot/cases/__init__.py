"""Cases decide: what an observation means, who wins a click, what is to be shown and written."""
