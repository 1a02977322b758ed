"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# No test asserts a duration: a machine with much to do is no fault of what is tested.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
