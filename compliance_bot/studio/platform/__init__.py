"""Studio's platform routes (``/api/…``), typed."""
