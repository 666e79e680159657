"""An office's own lists: departments, places, answers, words, other names, its own name."""
