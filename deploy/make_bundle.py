"""Make a folder that installs the service with nothing but itself: no internet, no administrator.

    python deploy/make_bundle.py dist/bundle --wheel dist/geo_service-0.1.0-py3-none-any.whl

The folder holds the wheels of the lock for each platform and Python version, checked against the hashes of the lock, start scripts, and
perhaps a Python of its own for each platform (`--python linux-x86_64=FOLDER`). pip evaluates the markers of a lock for the
Python that runs it, not for the target, so they are evaluated here.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pip._vendor.packaging.markers import Marker
from pip._vendor.packaging.tags import Tag
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "run.txt"
INSTALLER = ROOT / "requirements" / "bundle.txt"
SCRIPTS = ROOT / "deploy" / "bundle"
# The newest C library that a wheel may ask for: that of Debian 10, UOS 20 and Kylin V10 SP1 and later.
GLIBC = (2, 28)
LEFT_OUT = (
    "__pycache__",
    "test",
    "tests",
    "idlelib",
    "turtledemo",
    "ensurepip",
    "site-packages",
    "*.a",
    "*.pyc",
)


@dataclass(frozen=True)
class Target:
    """A platform and a Python version.

    Args:
        platform: such as ``linux-x86_64``.
        python: such as ``3.11``.
    """

    platform: str
    python: str

    @property
    def tags(self) -> list[str]:
        """Platform tags of wheels that run there, best first."""
        system, _, machine = self.platform.partition("-")
        if system == "windows":
            return ["win_amd64"]
        newer = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC[1], 16, -1)]
        return [*newer, f"manylinux2014_{machine}", *([f"manylinux1_{machine}", f"manylinux2010_{machine}"] if machine == "x86_64" else []), f"linux_{machine}"]  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """What the markers of a lock ask for."""
        windows = self.platform.startswith("windows")
        return {
            "python_version": self.python,
            "python_full_version": f"{self.python}.9",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "implementation_version": f"{self.python}.9",
            "os_name": "nt" if windows else "posix",
            "sys_platform": "win32" if windows else "linux",
            "platform_system": "Windows" if windows else "Linux",
            "platform_machine": "AMD64" if windows else self.platform.partition("-")[2],
            "platform_release": "",
            "platform_version": "",
            "extra": "",
        }

    @property
    def list_name(self) -> str:
        """Name of its list of wheels in the folder."""
        return f"{self.platform}-py{self.python}.txt"


PLATFORMS = ("linux-x86_64", "linux-aarch64", "windows-x64")


@dataclass(frozen=True)
class Requirement:
    """One line of a lock.

    Args:
        name: normalised name.
        version: exact version.
        marker: where it is needed; empty for everywhere.
        hashes: the ``--hash`` options.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def needed(self, target: Target) -> bool:
        """Whether a target needs it."""
        return not self.marker or Marker(self.marker).evaluate(target.environment)

    @property
    def line(self) -> str:
        """The line without its marker."""
        return f"{self.name}=={self.version} " + " ".join(self.hashes)


def read_lock(text: str) -> list[Requirement]:
    """Return the requirements of a lock with hashes."""
    found = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        words = line.split("#")[0].strip()
        if not words:
            continue
        head, *hashes = re.split(r"\s+(?=--hash=)", words)
        spec, _, marker = head.partition(";")
        name, _, version = spec.strip().partition("==")
        if not version or not hashes:
            sys.exit(f"not pinned with a hash: {head}")
        found.append(Requirement(canonicalize_name(name), version.strip(), marker.strip(), tuple(one.strip() for one in hashes)))  # fmt: skip
    return found


def download(target: Target, requirements: list[Requirement], folder: Path) -> None:
    """Fetch the wheels of a target, checked against the hashes of the lock."""
    major, minor = target.python.split(".")
    with tempfile.TemporaryDirectory() as inner:
        wanted = Path(inner) / "wanted.txt"
        wanted.write_text("\n".join(one.line for one in requirements) + "\n")
        command = [
            sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps", "--require-hashes",
            "--only-binary", ":all:", "--python-version", target.python, "--implementation", "cp", "--abi", f"cp{major}{minor}", "--abi",
            "abi3", "--abi", "none", "--dest", str(folder), "-r", str(wanted),
        ]  # fmt: skip
        for tag in target.tags:
            command += ["--platform", tag]
        subprocess.run(command, check=True)


def missing_wheels(target: Target, requirements: list[Requirement], folder: Path) -> list[str]:
    """Return what a target needs and has no wheel for in a folder that its Python could install."""
    major, minor = (int(one) for one in target.python.split("."))
    usable = {
        Tag("py3", "none", "any"),
        Tag("py2.py3", "none", "any"),
        Tag(f"py{major}{minor}", "none", "any"),
    }
    for tag in [*target.tags, "any"]:
        usable |= {Tag(f"cp{major}{minor}", abi, tag) for abi in (f"cp{major}{minor}", "abi3", "none")}
        usable |= {Tag(f"cp3{older}", "abi3", tag) for older in range(2, minor + 1)}
        usable |= {Tag("py3", "none", tag)}
    there = {}
    for wheel in folder.glob("*.whl"):
        name, version, _, tags = parse_wheel_filename(wheel.name)
        if tags & usable:
            there[name, str(version)] = wheel
    lacking = []
    for one in requirements:
        wheel = there.get((one.name, one.version))
        if wheel is None:
            lacking.append(f"{one.name}=={one.version}")
        elif f"--hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" not in one.hashes:
            lacking.append(f"{one.name}=={one.version} (its hash is not that of the lock)")
    return lacking


def copy_python(source: Path, target: Path) -> None:
    """Copy a Python installation without what is never needed; it must run from wherever it lies."""
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over every file, as `sha256sum --check` reads it."""
    lines = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder).as_posix()}"
        for one in sorted(folder.rglob("*"))
        if one.is_file() and not one.is_symlink() and one.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def make(
    folder: Path, wheel: Path, *, platforms: list[str], pythons: list[str], own: dict[str, Path]
) -> Iterator[str]:
    """Make the folder, saying what is done.

    Args:
        folder: the folder to make; must not exist.
        wheel: wheel of the service itself.
        platforms: platforms to serve.
        pythons: Python versions to serve.
        own: Python installations to put in, by platform.
    """
    lock, installer = read_lock(LOCK.read_text()), read_lock(INSTALLER.read_text())
    folder.mkdir(parents=True)
    lists = folder / "lists"
    lists.mkdir()
    for platform in platforms:
        wheels = folder / "wheels" / platform
        wheels.mkdir(parents=True)
        for python in pythons:
            target = Target(platform, python)
            needed = [one for one in lock if one.needed(target)]
            download(target, [*needed, *installer], wheels)
            lacking = missing_wheels(target, [*needed, *installer], wheels)
            if lacking:
                sys.exit(f"{target.list_name}: no wheel for {', '.join(lacking)}")
            (lists / target.list_name).write_text("\n".join(one.line for one in needed) + "\n")
            yield f"{platform}, Python {python}: {len(needed)} wheels"
    for platform, source in own.items():
        copy_python(source, folder / "python" / platform)
        yield f"{platform}: Python of {source} put in"
    shutil.copy2(wheel, folder / "wheels" / wheel.name)
    for one in SCRIPTS.iterdir():
        shutil.copy2(one, folder / one.name)
    shutil.copy2(ROOT / "LICENSE", folder / "LICENSE")
    write_sums(folder)
    size = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    yield f"{folder}: {size // 10**6} MB"


def main() -> None:
    """Read the command line and make the folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wheel", type=Path, required=True, help="wheel of the service itself")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="all three by default")
    parser.add_argument(
        "--python-version", action="append", help="such as 3.11; 3.11, 3.12 and 3.13 by default"
    )
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="PLATFORM=FOLDER",
        help="a relocatable Python to put in",
    )
    given = parser.parse_args()
    own = {name: Path(place).resolve() for name, _, place in (one.partition("=") for one in given.python)}
    for name, place in own.items():
        if name not in PLATFORMS or not place.is_dir():
            parser.error(f"--python {name}={place}: no platform of {', '.join(PLATFORMS)}, or no folder")
    if given.folder.exists():
        parser.error(f"{given.folder} is there already")
    for line in make(
        given.folder,
        given.wheel,
        platforms=given.platform or list(PLATFORMS),
        pythons=given.python_version or ["3.11", "3.12", "3.13"],
        own=own,
    ):
        print(line, flush=True)


if __name__ == "__main__":
    main()
