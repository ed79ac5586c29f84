"""Cascade: Viber first, SMS second, and a live timeline of what happened."""

__version__ = "0.1.0"
