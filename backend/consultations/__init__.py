"""A consultation's notice, window, stage and legal clock."""
