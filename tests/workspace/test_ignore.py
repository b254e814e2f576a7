import random
from pathlib import Path

import pytest

from nextedit_lsp.workspace.ignore import IgnoreRules

from .repositories import make_repository, run_git


def write(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def check_ignored(rules: IgnoreRules, path: str, expected: str | None) -> None:
    assert rules.ignored(rules.root / path) == expected


def test_the_rule_that_ignores_is_named(tmp_path: Path):
    write(tmp_path / ".gitignore", "# logs\n\n*.log\nbuild/\n")
    write(tmp_path / "build" / "a.py")
    write(tmp_path / "lib" / "build.py")
    rules = IgnoreRules(tmp_path)
    check_ignored(rules, "x.log", ".gitignore:3: *.log")
    check_ignored(rules, "lib/x.log", ".gitignore:3: *.log")
    check_ignored(rules, "build/a.py", ".gitignore:4: build/")
    check_ignored(rules, "build", ".gitignore:4: build/")
    check_ignored(rules, "lib/build.py", None)


def test_some_names_are_ignored_without_a_rule(tmp_path: Path):
    rules = IgnoreRules(tmp_path)
    check_ignored(rules, ".git/config", "built in: .git")
    check_ignored(rules, "web/node_modules/a/index.js", "built in: node_modules")
    check_ignored(rules, ".venv/bin/python", "built in: .venv")
    check_ignored(rules, "a/__pycache__/a.pyc", "built in: __pycache__")
    check_ignored(rules, ".gitignore", None)
    check_ignored(rules, "node_modules.py", None)


def test_negation_works_across_levels_but_not_out_of_an_ignored_directory(tmp_path: Path):
    write(tmp_path / ".gitignore", "*.gen.py\nout/\n!out/keep.py\n")
    write(tmp_path / "sub" / ".gitignore", "!special.gen.py\n")
    write(tmp_path / "out" / "keep.py")
    rules = IgnoreRules(tmp_path)
    check_ignored(rules, "special.gen.py", ".gitignore:1: *.gen.py")
    check_ignored(rules, "sub/special.gen.py", None)
    check_ignored(rules, "sub/deeper/special.gen.py", None)
    check_ignored(rules, "sub/other.gen.py", ".gitignore:1: *.gen.py")
    check_ignored(rules, "out/keep.py", ".gitignore:2: out/")


def test_our_own_file_wins_over_git_s_and_exclude_is_the_weakest(tmp_path: Path):
    root = make_repository(tmp_path)
    write(root / ".git" / "info" / "exclude", "*.tmp\n*.a\n")
    write(root / ".gitignore", "*.b\n!x.a\n")
    write(root / ".ignore", "!x.b\n*.c\n")
    write(root / ".nexteditignore", "!x.c\nprivate/\n")
    write(root / "private" / "p.py")
    rules = IgnoreRules(root)
    check_ignored(rules, "y.tmp", ".git/info/exclude:1: *.tmp")
    check_ignored(rules, "x.a", None)
    check_ignored(rules, "y.b", ".gitignore:1: *.b")
    check_ignored(rules, "x.b", None)
    check_ignored(rules, "y.c", ".ignore:2: *.c")
    check_ignored(rules, "x.c", None)
    check_ignored(rules, "private/p.py", ".nexteditignore:2: private/")


def test_rules_are_read_again_when_a_file_of_them_changes_appears_or_goes(tmp_path: Path):
    rules = IgnoreRules(tmp_path)
    write(tmp_path / "dist" / "a.py")
    check_ignored(rules, "dist/a.py", None)
    ignore_file = write(tmp_path / ".gitignore", "dist/\n")
    check_ignored(rules, "dist/a.py", ".gitignore:1: dist/")
    write(ignore_file, "# dist\n")
    check_ignored(rules, "dist/a.py", None)
    write(tmp_path / "dist" / ".gitignore", "*\n")
    check_ignored(rules, "dist/a.py", f"{Path('dist/.gitignore')}:1: *")
    (tmp_path / "dist" / ".gitignore").unlink()
    check_ignored(rules, "dist/a.py", None)


def test_rules_above_the_root_hold_up_to_the_work_tree_but_not_for_the_root_itself(tmp_path: Path):
    make_repository(tmp_path)
    write(tmp_path / ".gitignore", "*.log\nbuild/\n")
    write(tmp_path / "build" / "sub" / "a.py")
    rules = IgnoreRules(tmp_path / "build" / "sub")
    check_ignored(rules, "a.py", None)
    check_ignored(rules, "a.log", ".gitignore:1: *.log")


def test_a_path_outside_the_root_is_not_ignored(tmp_path: Path):
    write(tmp_path / "in" / ".gitignore", "*\n")
    rules = IgnoreRules(tmp_path / "in")
    assert rules.ignored(tmp_path / "a.py") is None
    assert rules.ignored(tmp_path / "input" / "a.py") is None
    assert rules.ignored(tmp_path / "in") is None
    assert rules.ignored(tmp_path / "in" / ".." / "a.py") is None
    check_ignored(rules, "a.py", ".gitignore:1: *")


def test_a_broken_ignore_file_is_harmless(tmp_path: Path):
    (tmp_path / ".gitignore").write_bytes(b"!\n[z-a]\n\xff\xfe\n\n*.log\n" + b"x" * 100)
    (tmp_path / "a" / ".gitignore").mkdir(parents=True)
    rules = IgnoreRules(tmp_path)
    check_ignored(rules, "x.log", ".gitignore:5: *.log")
    check_ignored(rules, "a/x.py", None)
    assert rules.ignored(Path("bad\0name")) is None


PATTERNS = """
    a b /a a/ /a/ a/b a/* a/** **/a **/a/ *.x !*.x !a !a/ !/a !b !b/ !*/ * /* a/**/b a* ?.x [ab] !a/b !a/b/ b.x !b.x
    \\!a a\\b **/b/** !a/** [!a] a.[xy]
"""
NAMES = ["a", "b", "a.x", "b.x"]


def write_if_possible(path: Path) -> bool:
    """Write a file, unless a file stands where a directory is needed or the reverse."""
    try:
        write(path)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("seed", range(8))
def test_the_verdicts_are_git_s_own(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    run_git(tmp_path, "init", "-q")
    paths = sorted({"/".join(chance.choices(NAMES, k=chance.randint(1, 4))) for _ in range(40)})
    made = [tmp_path / path for path in paths if write_if_possible(tmp_path / path)]
    folders = [tmp_path, *(path for path in tmp_path.rglob("[ab]*") if path.is_dir() and ".git" not in path.parts)]
    for folder in chance.sample(folders, min(len(folders), 3)):
        write(folder / ".gitignore", "\n".join(chance.choices(PATTERNS.split(), k=chance.randint(1, 6))) + "\n")
    rules = IgnoreRules(tmp_path)
    relative = [str(path.relative_to(tmp_path)) for path in [*made, *folders[1:]]]
    theirs = set(run_git(tmp_path, "check-ignore", *relative, check=False).split("\n"))
    for path in relative:
        assert (rules.ignored(tmp_path / path) is not None) == (path in theirs), path
