"""The domain: what a cascade is and what can be said about it.

Pure values and functions: no Qt, no files, no sockets, no clock. Every function that
depends on the moment takes it as ``now``.
"""
