"""Readings of a file + names, order, context -> facts."""
