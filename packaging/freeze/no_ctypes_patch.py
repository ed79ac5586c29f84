"""Stands where PyInstaller's patch of ctypes would; see ``cascade.spec``."""


def install() -> None:
    """Leave ctypes as it is, and unimported."""
