"""The mind: events in, effects out."""
