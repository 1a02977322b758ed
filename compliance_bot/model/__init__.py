"""The words every room shares: frozen data and enums. Imports nothing of ours."""
