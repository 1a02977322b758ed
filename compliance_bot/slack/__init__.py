"""The only calls to Slack: requests out, the socket in, and the snapshot of who and what is there."""
