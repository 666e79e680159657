"""Fetch the fonts of official documents beside the virtual environment; used by `make setup`.

Needs no root. Three open families, each from a package registry by its ordinary client: Fandol
(仿宋, 宋, 黑, 楷) out of Debian's `texlive-lang-chinese`, Noto Serif SC and Noto Emoji from npm
for the characters Fandol lacks. Every file is checked against the SHA-256 written here. What
cannot be fetched is said and skipped: PDF files are then set with the system's own fonts
(`zhengxun doctor` tells).
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Beside the packages, not beside the data: resetting a demo must not change how its PDF looks.
HOME = Path(sys.prefix) / "share" / "zhengxun" / "fonts"
FANDOL_FOLDER = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"


@dataclass(frozen=True)
class Source:
    """A package, the client that brings it, and the files wanted: path inside → SHA-256."""

    client: str
    package: str
    files: dict[str, str]
    licence: str


SOURCES = (
    Source(
        client="apt",
        package="texlive-lang-chinese",
        licence="GPL with font exception",
        files={
            f"{FANDOL_FOLDER}/FandolFang-Regular.otf": (
                "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9"
            ),
            f"{FANDOL_FOLDER}/FandolSong-Regular.otf": (
                "a3820003227d4abe31fe28b493200d94a849ccfd078b50a019264f70353020b0"
            ),
            f"{FANDOL_FOLDER}/FandolSong-Bold.otf": (
                "ffa76a70e128947a4dd22151d5ee829b23e24ce3cb6fe8ad49891cd1c2d9e9b9"
            ),
            f"{FANDOL_FOLDER}/FandolHei-Regular.otf": (
                "4afa97aa8751e0118617df88272b58d43691b5cffb7ea024c4580496e9f34d28"
            ),
            f"{FANDOL_FOLDER}/FandolHei-Bold.otf": (
                "42ca2de27b45e16a284768673b6205a5add9e17871ee0e7db9c0d03f061d96fd"
            ),
            f"{FANDOL_FOLDER}/FandolKai-Regular.otf": (
                "ea7e7fb4f9b3ac694a68d43946e04d21deed6e8c29a7c2d3081e1a4138f2f827"
            ),
        },
    ),
    Source(
        client="npm",
        package="@expo-google-fonts/noto-serif-sc@0.4.3",
        licence="SIL OFL 1.1",
        files={
            "package/400Regular/NotoSerifSC_400Regular.ttf": (
                "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742"
            ),
            "package/700Bold/NotoSerifSC_700Bold.ttf": (
                "9c6a2ba736e4b499c84f65ce366bd3625c0401885fd3e585ace50fb738b96ff6"
            ),
        },
    ),
    Source(
        client="npm",
        package="@expo-google-fonts/noto-emoji@0.4.7",
        licence="SIL OFL 1.1",
        files={
            "package/400Regular/NotoEmoji_400Regular.ttf": (
                "24aaa2a20c9c06ffe9bf04284bfd1f14376a329d10122f902abe2770817eb504"
            ),
        },
    ),
)


def main() -> int:
    """Fetch what is missing; 0 when all is there, 1 with `--strict` when something is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=HOME)
    parser.add_argument("--strict", action="store_true", help="fail when a font is missing")
    arguments = parser.parse_args()
    target: Path = arguments.to
    target.mkdir(parents=True, exist_ok=True)
    missing = [source for source in SOURCES if not fetch(source, target)]
    for source in missing:
        print(f"字体未取得：{source.package}，PDF 将使用系统字体", file=sys.stderr)
    return 1 if missing and arguments.strict else 0


def fetch(source: Source, target: Path) -> bool:
    """Bring one package's files into `target`; True when all are there and genuine."""
    if all(is_genuine(target / Path(name).name, sha) for name, sha in source.files.items()):
        return True
    with tempfile.TemporaryDirectory() as scratch:
        try:
            folder = CLIENTS[source.client](source, Path(scratch))
        except (OSError, subprocess.SubprocessError, tarfile.TarError, StopIteration):
            return False
        done = [install(folder / name, target, sha) for name, sha in source.files.items()]
        return all(done)


def install(file: Path, target: Path, sha256: str) -> bool:
    """Move a genuine file into place, all at once."""
    if not is_genuine(file, sha256):
        return False
    waiting = target / f".{file.name}.{os.getpid()}"
    shutil.copyfile(file, waiting)
    waiting.replace(target / file.name)
    print(f"字体：{file.name}")
    return True


def is_genuine(file: Path, sha256: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def by_apt(source: Source, scratch: Path) -> Path:
    """Download and unpack a Debian package here, without installing it."""
    try:
        run("apt-get", "download", source.package, folder=scratch)
    except subprocess.SubprocessError:
        if os.geteuid() != 0:
            raise
        run("apt-get", "update", folder=scratch)
        run("apt-get", "download", source.package, folder=scratch)
    package = next(scratch.glob("*.deb"))
    run("dpkg-deb", "-x", package.name, "unpacked", folder=scratch)
    return scratch / "unpacked"


def by_npm(source: Source, scratch: Path) -> Path:
    """Download and unpack an npm package here, without installing it."""
    run("npm", "pack", "--silent", source.package, folder=scratch)
    with tarfile.open(next(scratch.glob("*.tgz"))) as archive:
        for name in source.files:
            archive.extract(name, scratch / "unpacked", filter="data")
    return scratch / "unpacked"


CLIENTS = {"apt": by_apt, "npm": by_npm}


def run(*command: str, folder: Path) -> None:
    subprocess.run(  # noqa: S603 - fixed commands
        command, cwd=folder, check=True, capture_output=True, timeout=600
    )


if __name__ == "__main__":
    raise SystemExit(main())
