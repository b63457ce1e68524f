"""sample-service: keeps items."""
