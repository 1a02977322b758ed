"""What is remembered: one SQLite file, one connection, the only SQL of the house."""
