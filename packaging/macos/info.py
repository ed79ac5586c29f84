"""What Cascade.app says of itself (Info.plist). Pure."""

from __future__ import annotations

from typing import Any, Final

IDENTIFIER: Final = "internal.cascade.console"
OLDEST: Final = "13.0"
"""The macOS that Qt 6.9 and newer ask for."""


def info(version: str) -> dict[str, Any]:
    """The property list of the application."""
    return {
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleName": "Cascade",
        "CFBundleDisplayName": "Cascade",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "uk"],
        "CFBundleURLTypes": [
            {
                "CFBundleURLName": f"{IDENTIFIER}.message",
                "CFBundleURLSchemes": ["cascade"],
                "CFBundleTypeRole": "Viewer",
            }
        ],
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": OLDEST,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "MIT licence; parts under their own, see LICENCES.txt",
        "NSRequiresAquaSystemAppearance": False,
        "NSSupportsAutomaticGraphicsSwitching": True,
    }
