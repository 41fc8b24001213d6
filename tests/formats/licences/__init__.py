"""Tests of the readers of licence servers' output."""
