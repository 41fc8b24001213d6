"""A virtual world around the real mind."""
