"""Outlines of a project's files -> its models and the queries on them."""
