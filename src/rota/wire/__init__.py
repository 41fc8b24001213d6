"""What travels between programs."""
