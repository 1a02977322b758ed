"""Block Kit: what Slack lets through, and how it rewrites what it let through."""
