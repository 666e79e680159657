"""Outgoing e-mail: any room above posts a message in its own transaction, a job sends it."""
