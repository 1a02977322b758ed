"""What time brings: polls of Studio, walks, and what is due."""
