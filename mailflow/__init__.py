"""mailflow works the alert mails of failing marketplace integrations."""
