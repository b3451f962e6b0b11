"""The stage: embedded mail server, simulated platform, the scenario of `make demo`."""
