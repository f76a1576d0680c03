"""Install the service from this folder if that is still to be done, and run it. Needs Python 3.11 or newer and nothing else.

在本文件夹内安装(如尚未安装)并运行服务。只需要 Python 3.11 或更新版本。
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
APP = HERE / "app"
DONE = APP / "installed.txt"
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def fail(chinese: str, english: str) -> None:
    """Say what is wrong in both languages, and end."""
    sys.exit(f"错误：{chinese}\nError: {english}")


def this_platform() -> str:
    """Return the name of this platform in this folder."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    if sys.platform == "win32":
        return "windows-x64" if machine == "x86_64" else f"windows-{machine}"
    return f"linux-{machine}"


def needed_files(name: str, versions: str) -> list[Path]:
    """Return the list of wheels and the wheels of this platform, or say that they are not here."""
    wanted = HERE / "lists" / f"{name}-py{versions}.txt"
    if not wanted.is_file():
        there = "、".join(sorted(one.stem for one in (HERE / "lists").glob("*.txt")))
        fail(
            f"本安装包没有适用于 {name}、Python {versions} 的文件；有：{there}",
            f"this folder has nothing for {name} with Python {versions}; it has: {there}",
        )
    if sys.maxsize < 2**32:
        fail("需要 64 位的 Python", "a Python of 64 bits is needed")
    return [wanted, *(HERE / "wheels" / name).glob("*.whl"), *(HERE / "wheels").glob("*.whl")]


def check(files: list[Path]) -> None:
    """Compare files with SHA256SUMS."""
    sums = {}
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        sums[name] = digest
    for one in files:
        name = one.relative_to(HERE).as_posix()
        if sums.get(name) != hashlib.sha256(one.read_bytes()).hexdigest():
            fail(
                f"{name} 已损坏或被改动：请重新复制安装包",
                f"{name} is damaged or was altered: copy the folder again",
            )


def python_of_app() -> Path:
    """Return the Python of the installed service."""
    return APP / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def mark() -> str:
    """Return what says that this very folder is installed with this very Python, here."""
    sums = hashlib.sha256((HERE / "SHA256SUMS").read_bytes()).hexdigest()
    return f"{sums} {sys.version_info.major}.{sys.version_info.minor} {sys.base_prefix} {HERE}\n"


def is_installed() -> bool:
    """Return whether the service is installed from this folder as it is now."""
    return DONE.is_file() and DONE.read_text(encoding="utf-8") == mark() and python_of_app().exists()


def install() -> None:
    """Install into the folder `app` beside this file."""
    name, versions = this_platform(), f"{sys.version_info.major}.{sys.version_info.minor}"
    files = needed_files(name, versions)
    print("正在校验安装包…  Checking the folder …", flush=True)
    check(files)
    print("正在安装，约需几分钟…  Installing; this takes some minutes …", flush=True)
    shutil.rmtree(APP, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(APP)], check=True)
    wheels = HERE / "wheels" / name
    pip = next(wheels.glob("pip-*.whl"))
    run = [str(python_of_app()), f"{pip}/pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-cache-dir", "--no-deps"]  # fmt: skip
    quiet = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}
    subprocess.run(
        [*run, "--find-links", str(wheels), "--require-hashes", "-r", str(files[0])], check=True, env=quiet
    )
    own = [str(one) for one in (HERE / "wheels").glob("*.whl")]
    subprocess.run([*run, *own], check=True, env=quiet)
    DONE.write_text(mark(), encoding="utf-8")
    print("已安装。  Installed.", flush=True)


def main() -> int:
    """Install if need be; then run the command that was given, or serve."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what says so
        fail(
            f"需要 Python 3.11 或更新版本，这里是 {platform.python_version()}",
            f"Python 3.11 or newer is needed, this is {platform.python_version()}",
        )
    if not is_installed():
        try:
            install()
        except (subprocess.CalledProcessError, OSError) as error:
            fail(f"安装失败：{error}", f"the installation failed: {error}")
    given = sys.argv[1:]
    if given == ["install"]:
        return 0
    os.environ.setdefault("GEO_SERVICE_WORKSPACE", str(HERE.parent / "geo-service-data"))
    workspace = Path(os.environ["GEO_SERVICE_WORKSPACE"])
    # a folder of that name where somebody happens to stand must not be taken for the service, by its worker neither
    os.environ["PYTHONSAFEPATH"] = "1"
    service = [str(python_of_app()), "-X", "utf8", "-m", "geo_service"]
    if not given:
        if not (workspace / "town.db").exists():
            subprocess.run([*service, "init"], check=True)
        given = ["serve"]
    if os.name == "nt":
        # there, exec would give the prompt back while the service still runs
        try:
            return subprocess.run([*service, *given], check=False).returncode
        except KeyboardInterrupt:
            return 0
    # the service takes the place of this process, so signals reach it
    return os.execv(service[0], [*service, *given])


if __name__ == "__main__":
    sys.exit(main())
