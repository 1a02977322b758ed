"""Every word and block that leaves for Slack. Pure: no clock, no network, no environment."""
