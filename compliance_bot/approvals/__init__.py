"""Approvals: who is asked, what they say, when enough have said it, and what Studio makes of it."""
