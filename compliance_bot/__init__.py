"""compliance-bot: joins Slack with the Studio compliance platform from behind a firewall."""

__version__ = "0.1.0"
