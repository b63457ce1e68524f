"""inventory: keeps items."""
