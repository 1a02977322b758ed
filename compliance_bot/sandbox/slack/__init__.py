"""The embedded Slack: the Web API, Socket Mode and response URLs, with the refusals of the real one.

Shapes follow recorded payloads; limits, scopes and refusals follow Slack's documentation and the
behaviour measured on its SDK. ``world.SlackWorld`` is the one name to start from.
"""
