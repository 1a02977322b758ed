"""The demo's page: a workspace to click in, and a Studio panel beside it. No build step, no outside host."""
