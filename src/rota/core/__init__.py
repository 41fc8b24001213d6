"""The words we think in."""
