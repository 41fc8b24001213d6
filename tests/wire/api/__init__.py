"""Tests of the REST shapes."""
