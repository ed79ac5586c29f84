"""Make the .deb, the AppImage and the .run from a frozen bundle; ``packaging/build.py`` calls this."""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "freeze")]

import appimage  # noqa: E402
import icons  # noqa: E402
import tree  # noqa: E402

_SCRIPTS: Final = ("postinst", "postrm", "AppRun")
EPOCH: Final = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a tool; its output."""
    done = subprocess.run(
        [str(word) for word in command], check=False, capture_output=True, text=True, cwd=cwd
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def libraries(bundle: Path) -> tuple[set[str], set[str]]:
    """What the bundle's programs and libraries link to, and which libraries it holds itself."""
    linked: set[str] = set()
    bundled: set[str] = set()
    for path in bundle.rglob("*"):
        if not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        bundled.add(path.name)
        if not path.is_symlink():
            linked |= set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", path)))
    return linked, bundled


def gather(around: dict[str, str], given: argparse.Namespace, root: Path) -> None:
    """Put the files around the bundle where ``around`` says, below ``root``."""
    for name, place in around.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".png"):
            shutil.copyfile(given.icons / name, target)
        elif name.endswith(".gz"):
            text = (given.manual / name.removesuffix(".gz")).read_bytes()
            target.write_bytes(gzip.compress(text, mtime=0))
        elif name == "cascade.svg":
            shutil.copyfile(icons.DRAWING, target)
        elif name == "cascade.metainfo.xml":
            text = (HERE / name).read_text("utf-8").replace("@VERSION@", given.version)
            target.write_text(
                text.replace("@DATE@", datetime.fromtimestamp(EPOCH, UTC).date().isoformat()), "utf-8"
            )
        else:
            shutil.copyfile(HERE / name, target)


def settle(root: Path) -> int:
    """One owner's modes and one time for everything, so that equal contents make equal packages; the size."""
    size = 0
    for path in sorted(root.rglob("*"), reverse=True):
        if not path.is_symlink():
            program = path.is_dir() or path.suffix == ".sh" or path.name in (*tree.PROGRAMS, *_SCRIPTS)
            path.chmod(0o755 if program else 0o644)
            size += path.stat().st_size if path.is_file() else 0
        os.utime(path, (EPOCH, EPOCH), follow_symlinks=False)
    return size


def validated(root: Path) -> None:
    """Let the desktop's own tools judge its files."""
    for path in sorted(root.rglob("*.desktop")):
        run("desktop-file-validate", path)
    for path in sorted(root.rglob("*.metainfo.xml")):
        run("appstreamcli", "validate", "--no-net", path)


def system_tree(given: argparse.Namespace, root: Path, papers: Path) -> Path:
    """Everything below ``usr``, as the system has it; the bundle's folder there.

    ``papers`` holds the licences and the list of parts that go with it.
    """
    documents = f"usr/share/doc/{tree.PACKAGE}"
    gather(tree.places("usr", documents, icons.SIZES), given, root)
    home = root / "usr/lib/cascade"
    shutil.copytree(given.bundle, home, symlinks=True, ignore=shutil.ignore_patterns(*tree.PAPERS))
    for name, called in tree.PAPERS.items():
        shutil.copyfile(papers / name, root / documents / called)
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (root / documents / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))
    (root / "usr/bin").mkdir()
    for name in tree.PROGRAMS:
        (root / "usr/bin" / name).symlink_to(f"../lib/cascade/{name}")
    return home


def deb(given: argparse.Namespace, scratch: Path) -> Path:
    """The package for Debian and Ubuntu."""
    root = scratch / "deb"
    home = system_tree(given, root, given.bundle)
    validated(root)
    size = settle(root)
    linked, bundled = libraries(home)
    told = root / "DEBIAN"
    told.mkdir()
    architecture = run("dpkg", "--print-architecture").strip()
    needs = tree.depends(linked, bundled, platform.libc_ver()[1])
    (told / "control").write_text(
        tree.control(version=given.version, architecture=architecture, size=size, needs=needs), "utf-8"
    )
    for name in ("postinst", "postrm"):
        shutil.copyfile(HERE / name, told / name)
    settle(root)
    made: Path = given.out / f"{tree.PACKAGE}_{given.version}_{architecture}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, made)
    return made


def app_image(given: argparse.Namespace, scratch: Path) -> Path:
    """The one file that is run where it lies, on any distribution."""
    root = scratch / "AppDir"
    system_tree(given, root, given.appimage_papers)
    shutil.copyfile(HERE / "AppRun", root / "AppRun")
    menu = root / "usr/share/applications/cascade.desktop"
    menu.write_text(appimage.menu_entry(menu.read_text("utf-8"), given.version), "utf-8")
    # Where those look who put AppImages into menus.
    shutil.copyfile(menu, root / "cascade.desktop")
    shutil.copyfile(icons.DRAWING, root / "cascade.svg")
    shutil.copyfile(given.icons / "256.png", root / ".DirIcon")
    validated(root)
    settle(root)
    image = scratch / "cascade.squashfs"
    run("mksquashfs", root, image, *appimage.SQUASHFS)
    made: Path = given.out / f"Cascade-{given.version}-{platform.machine()}.AppImage"
    made.write_bytes(appimage.runtime(given.appimage_wheel, platform.machine()) + image.read_bytes())
    made.chmod(0o755)
    return made


def self_extracting(given: argparse.Namespace, scratch: Path) -> Path:
    """The installer for one user of any other distribution: unpacks itself and runs ``install.sh``."""
    root = scratch / "run"
    gather(tree.places("around", "around/share/doc/cascade", icons.SIZES), given, root)
    shutil.copytree(given.bundle, root / "cascade", symlinks=True)
    for name in ("install.sh", "uninstall.sh"):
        shutil.copyfile(HERE / name, root / name)
    settle(root)
    made: Path = given.out / f"cascade-{given.version}-linux-{platform.machine()}.run"
    day = datetime.fromtimestamp(EPOCH, UTC).strftime("%Y-%m-%d %H:%M:%S")
    options = f"--sort=name --mtime=@{EPOCH} --owner=0 --group=0 --numeric-owner"
    # makeself writes its own command line into the file: no path of this computer may stand in it.
    run(
        "makeself", "--xz", "--complevel", "6", "--nox11", "--quiet", "--sha256",
        "--packaging-date", day, "--tar-extra", options,
        root.name, made.name, f"Cascade {given.version}", "./install.sh",
        cwd=scratch,
    )  # fmt: skip
    shutil.move(scratch / made.name, made)
    return made


def arguments() -> argparse.Namespace:
    """What ``build.py`` gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bundle", "icons", "manual", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("appimage-wheel", "appimage-papers"):
        parser.add_argument(f"--{name}", type=Path, help="without it no AppImage is made")
    parser.add_argument("--version", required=True)
    return parser.parse_args()


def main() -> None:
    """Make all of them and say where they are."""
    given = arguments()
    scratch = given.bundle.parent / "packages"
    shutil.rmtree(scratch, ignore_errors=True)
    for make in (deb, self_extracting, *([app_image] if given.appimage_wheel else [])):
        made = make(given, scratch)
        print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
