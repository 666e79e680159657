"""Backups, restoring them, and moving an installation from one kind of database to the other."""
