"""The outside. One file a foreign system; none knows another."""
