"""Properties are judged by what they find, never by how fast this machine is today."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("cascade", deadline=None)
settings.load_profile("cascade")
