"""Incoming e-mail: every message kept as it came, registered as an opinion or left to a person."""
