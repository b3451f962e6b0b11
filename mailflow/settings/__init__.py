"""The configuration file as frozen models, checked once, all faults at once."""
