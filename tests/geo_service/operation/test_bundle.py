"""The bundle holds what its Python will ask for, for each platform, and notices what is damaged."""

import importlib.util
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def bundle():
    """`deploy/make_bundle.py` as a module."""
    spec = importlib.util.spec_from_file_location("make_bundle", ROOT / "deploy" / "make_bundle.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_bundle"] = module
    spec.loader.exec_module(module)
    return module


def targets(bundle):
    return [bundle.Target(one, python) for one in bundle.PLATFORMS for python in ("3.11", "3.12", "3.13")]


def test_the_lock_holds_what_its_packages_need_on_every_platform(bundle):
    """pip installs the list without looking for more: a package that only Windows needs must stand in it."""
    lock = bundle.read_lock(bundle.LOCK.read_text())
    known = {canonicalize_name(one.metadata["Name"]): one for one in distributions()}
    for target in targets(bundle):
        needed = {one.name for one in lock if one.needed(target)}
        assert "numpy" in needed and "waitress" in needed
        for name in needed & set(known):
            for words in known[name].requires or []:
                asked = Requirement(words)
                if asked.marker is None or asked.marker.evaluate(target.environment):
                    assert canonicalize_name(asked.name) in needed, (target, name, words)


def test_each_target_takes_one_version_of_each_package_with_hashes(bundle):
    lock = bundle.read_lock(bundle.LOCK.read_text())
    for target in targets(bundle):
        names = [one.name for one in lock if one.needed(target)]
        assert len(names) == len(set(names)) >= 45
    assert all(hash_.startswith("--hash=sha256:") for one in lock for hash_ in one.hashes)
    versions = {
        python: {one.version for one in lock if one.name == "numpy" and one.needed(bundle.Target("windows-x64", python))}
        for python in ("3.11", "3.12")
    }  # fmt: skip
    assert versions["3.11"] != versions["3.12"], "markers are those of the target"


def test_a_lock_without_a_hash_is_refused(bundle):
    with pytest.raises(SystemExit, match="not pinned"):
        bundle.read_lock("flask==3.1\n")
    with pytest.raises(SystemExit, match="not pinned"):
        bundle.read_lock("flask>=3.1 --hash=sha256:00\n")


@pytest.fixture
def folder(bundle, tmp_path):
    """A bundle for this platform with one small wheel."""
    made = tmp_path / "bundle"
    start = runpy.run_path(str(ROOT / "deploy" / "bundle" / "start.py"))
    platform = start["this_platform"]()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    (made / "wheels" / platform).mkdir(parents=True)
    (made / "lists").mkdir()
    (made / "lists" / f"{platform}-py{python}.txt").write_text("small==1.0 --hash=sha256:00\n")
    (made / "wheels" / platform / "small-1.0-py3-none-any.whl").write_bytes(b"wheel")
    (made / "wheels" / "geo_service-0.1.0-py3-none-any.whl").write_bytes(b"own")
    for one in (ROOT / "deploy" / "bundle").iterdir():
        shutil.copy2(one, made / one.name)
    bundle.write_sums(made)
    return made


def start(folder, *words):
    return subprocess.run(
        [sys.executable, str(folder / "start.py"), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_wheels_that_are_missing_or_not_those_of_the_lock_are_named(bundle, folder):
    target = bundle.Target("linux-x86_64", "3.11")
    one = bundle.Requirement("small", "1.0", "", ("--hash=sha256:00",))
    other = bundle.Requirement("other", "2.0", "", ("--hash=sha256:00",))
    wheels = next(iter((folder / "wheels").glob("*-*/")))
    assert bundle.missing_wheels(target, [one, other], wheels) == [
        "small==1.0 (its hash is not that of the lock)",
        "other==2.0",
    ]
    for name, fits in (
        ("small-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("small-1.0-cp38-abi3-manylinux_2_28_x86_64.whl", True),
        ("small-1.0-cp312-cp312-manylinux_2_28_x86_64.whl", False),
        ("small-1.0-cp311-cp311-manylinux_2_34_x86_64.whl", False),
        ("small-1.0-cp311-cp311-win_amd64.whl", False),
    ):
        for before in wheels.glob("*.whl"):
            before.unlink()
        (wheels / name).write_bytes(b"x")
        lacking = bundle.missing_wheels(target, [one], wheels)
        assert (lacking != ["small==1.0"]) == fits, name


@pytest.mark.parametrize("name", ["geo_service-0.1.0-py3-none-any.whl", "small-1.0-py3-none-any.whl"])
def test_a_damaged_file_is_named_before_anything_is_installed(folder, name):
    damaged = next((folder / "wheels").rglob(name))
    damaged.write_bytes(b"evil")
    done = start(folder, "install")
    assert done.returncode != 0
    assert f"{name} is damaged or was altered" in done.stderr
    assert "已损坏或被改动" in done.stderr
    assert not (folder / "app").exists()


def test_a_wheel_that_was_put_in_is_refused(folder):
    (next((folder / "wheels").glob("*-*/")) / "evil-1.0-py3-none-any.whl").write_bytes(b"evil")
    done = start(folder, "install")
    assert done.returncode != 0 and "evil-1.0-py3-none-any.whl is damaged or was altered" in done.stderr


def test_a_python_that_the_bundle_does_not_serve_is_told_what_it_serves(folder):
    for one in (folder / "lists").iterdir():
        one.rename(one.with_name("windows-x64-py3.99.txt"))
    done = start(folder, "install")
    assert done.returncode != 0 and "it has: windows-x64-py3.99" in done.stderr


def test_the_start_scripts_suit_their_shells():
    """cmd misreads a batch file beyond ASCII on some code pages, and wants carriage returns; sh must be able to read its own."""
    batch = (ROOT / "deploy" / "bundle" / "start.bat").read_bytes()
    assert batch.isascii()
    assert batch.count(b"\n") == batch.count(b"\r\n")
    notepad = (ROOT / "deploy" / "bundle" / "python-missing.txt").read_bytes()
    assert notepad.startswith(b"\xef\xbb\xbf") and b"\r\n" in notepad
    checked = subprocess.run(
        ["sh", "-n", str(ROOT / "deploy" / "bundle" / "start.sh")], timeout=30, check=False
    )
    assert checked.returncode == 0
