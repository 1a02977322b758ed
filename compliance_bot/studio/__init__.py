"""The only calls to Studio: accounts, quota, routes, the walk, and the outbox's hand there."""
