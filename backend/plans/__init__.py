"""The plan consulted on: versions, sections, passages, indicators, tasks, boxes."""
