"""Alerts: rule packs as data, and what they read in a mail."""

from mailflow.understanding.alerts.load import load_packs
from mailflow.understanding.alerts.pack import RulePackError, RulePacks
from mailflow.understanding.alerts.read import read_alert

__all__ = ["RulePackError", "RulePacks", "load_packs", "read_alert"]
