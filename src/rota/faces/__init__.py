"""What people touch, all of it through client."""
