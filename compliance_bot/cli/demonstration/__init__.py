"""The demo behind ``compliance-bot demo``: its place on disk, its two processes, what it prints."""
