"""Runs processes on a node; travels as one file."""
