"""Slack in: envelopes become questions and commands; handlers translate and never decide."""
