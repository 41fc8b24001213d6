"""Runs processes on a node; travels as one file."""

VERSION = "0.1.0"
"""The release of the agent; a shepherd of another one finishes its work and ends."""
