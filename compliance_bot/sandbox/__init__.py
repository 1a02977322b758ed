"""The embedded world: a Slack and a Studio that speak the wire and refuse what the real ones do.

Imports the vocabulary and nothing else of ours. Repeats Slack's limits on purpose: two hands that
must agree.
"""
