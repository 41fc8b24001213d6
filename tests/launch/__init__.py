"""Tests of launch: commands written, and what came back read."""
