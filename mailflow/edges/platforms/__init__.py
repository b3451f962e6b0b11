"""Connectors to job platforms; each passes tests/edges/platform_contract.py."""
