"""Lets PyTorch's wheel with CUDA, the only one on PyPI, do without: without_cuda.py DIRECTORY-OF-TORCH.

It wants libraries for graphics cards that are gigabytes; in their place come small ones in which every function
answers "no device". That is good enough for tests on the CPU.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

NAME = "libwindlass_no_cuda.so"
NO_DEVICE = 100
_COUNTS = {"cudaGetDeviceCount", "cudaGetDevice", "cuDeviceGetCount"}
_TEXT = re.compile(r"(Error|Status|Result)_?(String|Name|string)|_error_string")


def output(*command: str) -> str:
    """What a program prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def symbols(file: str | Path, kind: str) -> set[str]:
    """The names that a library defines for others, or that it wants from others."""
    lines = output("nm", "-D", "--format=posix", f"--{kind}-only", str(file)).splitlines()
    return {line.split()[0].partition("@")[0] for line in lines if line.split()[1] not in {"w", "v"}}


def wanted(file: Path) -> set[str]:
    """The libraries that a library loads."""
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", output("readelf", "-d", str(file))))


def system_libraries() -> dict[str, str]:
    """The paths of what the system has, by name."""
    found = re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", output("/sbin/ldconfig", "-p"), re.MULTILINE)
    return dict(reversed(found))


def program(names: set[str]) -> str:
    """C in which each of the functions says that there is no device."""
    return "\n".join([function(name, f"f{number}") for number, name in enumerate(sorted(names))]) + "\n"


def function(name: str, word: str) -> str:
    """One function; those for texts give one, and counts are none."""
    if name in _COUNTS:
        return f'int {word}(int *count) __asm__("{name}"); int {word}(int *count) {{ *count = 0; return {NO_DEVICE}; }}'
    kind, answer = ("const char *", '"no device"') if _TEXT.search(name) else ("long ", str(NO_DEVICE))
    return f'{kind}{word}(void) __asm__("{name}"); {kind}{word}(void) {{ return {answer}; }}'


def compile_library(file: Path, source: str, *options: str) -> None:
    """Make a library of a program in C."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "no_cuda.c")
        path.write_text(source, encoding="utf-8")
        output("gcc", "-w", "-O1", "-shared", "-fPIC", f"-Wl,-soname,{file.name}", "-o", str(file), str(path), *options)


def main(torch: Path) -> None:
    """Replace the libraries, and say how many functions were wanted."""
    lib = torch / "lib"
    files = [one for one in lib.glob("*.so*") if not one.is_symlink()]
    system = system_libraries()
    loaded = set().union(*map(wanted, files))
    there = [system[name] for name in loaded if name in system]
    defined = set().union(*(symbols(one, "defined") for one in (*files, *there)))
    missing = set().union(*(symbols(one, "undefined") for one in files)) - defined
    missing = {name for name in missing if not name.startswith(("_Py", "Py", "__tls"))}
    compile_library(lib / NAME, program(missing))
    for name in loaded - {one.name for one in files} - set(system):
        if not name.startswith("ld-"):
            # Empty, as the loader looks for versions in a library of the very name that a version is asked from.
            compile_library(lib / name, "", f"-L{lib}", "-Wl,--no-as-needed", f"-l:{NAME}", "-Wl,-rpath,$ORIGIN")
    print(len(missing), "functions")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
