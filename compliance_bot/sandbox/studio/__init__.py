"""The embedded Studio: the platform routes, answering as the published backend was recorded to answer."""
