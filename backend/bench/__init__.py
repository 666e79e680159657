"""Measurements an operator can repeat: `zhengxun bench …`, one module per bench."""
