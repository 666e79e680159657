"""晨报: each working morning, what a drafting office should know before it opens the desk."""
