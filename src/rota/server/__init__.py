"""Sockets, clock and disk around the mind."""
