"""Pure functions from a document to bytes: the same input gives the same bytes."""
