"""Tests of the routes, by subject."""
