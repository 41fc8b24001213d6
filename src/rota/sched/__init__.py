"""Snapshot → Plan; no memory, no surprises."""
