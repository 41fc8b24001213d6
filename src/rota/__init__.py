"""Rota: one queue for every machine you can reach."""
