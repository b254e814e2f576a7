"""The index in its real process."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import pytest_asyncio

from nextedit_lsp.workspace import index as index_
from nextedit_lsp.workspace.index import Index
from nextedit_lsp.workspace.looking import Question
from tests.workspace.repositories import make_repository, run_git

MAX_FILES = 1000
PATIENCE_S = 20.0


async def until(condition):
    """Waits for what another process brings about."""
    give_up_at = asyncio.get_running_loop().time() + PATIENCE_S
    while not (found := condition()):
        assert asyncio.get_running_loop().time() < give_up_at
        await asyncio.sleep(0.01)
    return found


@pytest_asyncio.fixture
async def made(tmp_path):
    indexes, told = [], []

    def make(*roots, max_files=MAX_FILES, **options):
        index = Index(told.append, folder=tmp_path / "cache", start_delay_s=0, first_restart_s=0.01, **options)
        index.use(roots, max_files)
        index.wake()
        indexes.append(index)
        return index

    make.told = told
    yield make
    for index in indexes:
        await index.close()


async def ready(index):
    await until(lambda: index.state.phase == "ready")
    return index


async def files_with(index, *words, **options):
    found = await index.look_up(Question(removed=words, **options), {})
    return [Path(path).name for path in found.files]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a.py").write_text("def area(size):\n    return size\n")
    (folder / "b.py").write_text("from a import area\n\nprint(area(2))\n")
    (folder / "c.py").write_text("print('nothing')\n")
    return folder


async def test_files_are_found_by_the_words_of_an_edit(made, root):
    index = await ready(made(root))
    found = await index.look_up(Question(removed=("area", "nowhere"), added=("size",)), {})
    assert sorted(Path(path).name for path in found.files) == ["a.py", "b.py"]
    assert dict(found.n_files) == {"area": 2, "nowhere": 0, "size": 1}
    assert found.defined == {"area"}
    assert index.state.n_files == 3


async def test_open_files_count_as_they_are_now_and_are_not_among_the_found(made, root):
    index = await ready(made(root))
    texts = {str(root / "b.py"): (1, lambda: "def volume():\n    pass\n")}
    found = await index.look_up(Question(removed=("area",), added=("volume",)), texts)
    assert [Path(path).name for path in found.files] == ["a.py"]
    assert dict(found.n_files) == {"area": 1, "volume": 1}
    assert found.defined == {"area", "volume"}
    index.closed(root / "b.py")
    assert sorted(await files_with(index, "area")) == ["a.py", "b.py"]


async def test_an_open_text_is_sent_once(made, root):
    index = await ready(made(root))
    sent = []

    def text():
        sent.append(1)
        return "area"

    for version in (1, 1, 2):
        await index.look_up(Question(removed=("area",)), {str(root / "b.py"): (version, text)})
    assert len(sent) == 2


async def test_changes_on_disk_are_followed(made, root):
    index = await ready(made(root))
    (root / "c.py").write_text("area = 3\n")
    (root / "b.py").unlink()
    (root / ".env").write_text("area = 3\n")
    index.changed([root / "c.py", root / "b.py", root / ".env"])
    assert sorted(await files_with(index, "area")) == ["a.py", "c.py"]


async def test_a_file_that_becomes_ignored_is_forgotten(made, root):
    index = await ready(made(root))
    (root / ".gitignore").write_text("b.py\n")
    index.changed([root / ".gitignore"])
    while await files_with(index, "area") != ["a.py"]:
        await asyncio.sleep(0.01)


async def test_a_removed_directory_takes_its_files_along(made, root):
    (root / "sub").mkdir()
    (root / "sub" / "d.py").write_text("area\n")
    index = await ready(made(root))
    (root / "sub" / "d.py").unlink()
    (root / "sub").rmdir()
    index.changed([root / "sub"])
    assert sorted(await files_with(index, "area")) == ["a.py", "b.py"]


async def test_what_changed_while_no_server_ran_is_found_at_the_next_start(made, root):
    await (await ready(made(root))).close()
    (root / "c.py").write_text("area = 3\n")
    (root / "b.py").unlink()
    index = await ready(made(root))
    assert sorted(await files_with(index, "area")) == ["a.py", "c.py"]


async def test_roots_come_and_go(made, root, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "z.py").write_text("area\n")
    index = await ready(made(root))
    index.use([root, tmp_path / "other"], MAX_FILES)
    await until(lambda: index.state.n_files == 4 and index.state.phase == "ready")
    assert sorted(await files_with(index, "area")) == ["a.py", "b.py", "z.py"]
    index.use([tmp_path / "other"], MAX_FILES)
    await until(lambda: index.state.n_files == 1 and index.state.phase == "ready")
    assert await files_with(index, "area") == ["z.py"]


async def test_more_files_than_allowed_are_left_out_and_told(made, root):
    index = await ready(made(root, max_files=2))
    assert index.state.n_files == 2
    assert any("more than 2 files" in text for text in made.told)


async def test_the_rarer_word_and_the_nearer_file_come_first(made, root):
    (root / "sub").mkdir()
    for number in range(4):
        (root / "sub" / f"{number}.py").write_text("common\n")
    (root / "sub" / "rare.py").write_text("rare\n")
    (root / "near.py").write_text("common\n")
    index = await ready(made(root))
    found = await files_with(index, "common", "rare", focus=str(root / "a.py"))
    assert found[:2] == ["rare.py", "near.py"]


async def test_a_file_of_the_same_name_comes_before_others(made, root):
    for number in range(4):
        (root / f"{number}.py").write_text("common\n")
    (root / "twin").mkdir()
    (root / "twin" / "a.py").write_text("common\n")
    index = await ready(made(root))
    found = await files_with(index, "common", focus=str(root / "a.py"))
    assert found[0] == "a.py"


async def test_a_copy_of_the_edited_lines_is_found_without_a_common_name(made, root):
    from nextedit_lsp.workspace import terms

    lines = [f"value_{n} = compute({n}, width)" for n in range(20)]
    (root / "copy.py").write_text("\n".join(["import x", *lines]))
    index = await ready(made(root))
    found = await index.look_up(Question(shingles=tuple(terms.shingles(lines))), {})
    assert [Path(path).name for path in found.files] == ["copy.py"]


async def test_companions_come_from_the_git_log(made, tmp_path):
    repository = make_repository(tmp_path / "repository")
    for number in range(3):
        for name in ("a.c", "a.h"):
            (repository / name).write_text(f"int x{number};\n")
        run_git(repository, "add", "-A")
        run_git(repository, "commit", "-q", "-m", "both")
    index = await ready(made(repository))
    question = Question(removed=("x2",), focus=str(repository / "a.c"))
    while not (found := await index.look_up(question, {})).companions:
        await asyncio.sleep(0.01)
    assert dict(found.companions) == {str(repository / "a.h"): 1.0}


async def test_a_process_that_dies_is_started_again(made, root):
    index = await ready(made(root))
    first = index._process
    first.kill()
    await until(lambda: index._process is not None and index._process is not first)
    await ready(index)
    assert sorted(await files_with(index, "area")) == ["a.py", "b.py"]


async def test_a_process_that_dies_while_asked_answers_nothing(made, root):
    index = await ready(made(root))
    os.kill(index._process.pid, getattr(signal, "SIGSTOP", signal.SIGTERM))
    asked = asyncio.ensure_future(index.look_up(Question(removed=("area",)), {}))
    await asyncio.sleep(0)
    index._process.kill()
    assert await asked is None


@pytest.mark.parametrize("command", [[sys.executable, "-c", "import sys; sys.exit(3)"], ["/nowhere/python"]])
async def test_a_process_that_always_dies_is_given_up_and_told_once(made, root, command):
    index = made(root, command=command)
    await until(lambda: index.state.phase == "failed")
    assert len(made.told) == 1
    assert await index.look_up(Question(removed=("area",)), {}) is None


async def test_a_damaged_index_is_built_anew(made, root, tmp_path):
    await (await ready(made(root))).close()
    file = index_.index_file(root, tmp_path / "cache")
    damaged = bytearray(file.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    file.write_bytes(damaged)
    index = await ready(made(root))
    assert sorted(await files_with(index, "area")) == ["a.py", "b.py"]


async def test_without_a_place_on_disk_the_index_lives_in_memory_and_says_so(made, root, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    index = await ready(made(root))
    assert sorted(await files_with(index, "area")) == ["a.py", "b.py"]
    assert len(made.told) == 1
    assert "kept in memory" in made.told[0]


async def test_what_is_closed_before_it_began_starts_nothing(made, root):
    index = made(root)
    await index.close()
    assert not index.is_running
    assert index.state.phase == "off"


async def test_nothing_is_started_without_roots(made):
    index = made()
    await asyncio.sleep(0)
    assert not index.is_running
    assert await index.look_up(Question(removed=("area",)), {}) is None


@pytest.mark.parametrize("root", [Path.home(), Path(Path.home().anchor)])
def test_a_home_and_a_whole_disk_are_no_projects(root, tmp_path):
    assert not index_.is_project(root)
    assert index_.is_project(tmp_path)


SERVER = """
    import asyncio, sys
    from pathlib import Path
    from nextedit_lsp.workspace.index import Index

    async def main():
        index = Index(print, folder=Path(sys.argv[2]))
        index.use([Path(sys.argv[1])], 1000)
        index.wake()
        while index.state.phase != "ready":
            await asyncio.sleep(0.01)
        print(index._process.pid, flush=True)
        await asyncio.sleep(600)

    asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes")
async def test_the_process_ends_with_a_server_that_is_killed(root, tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(SERVER), str(root), str(tmp_path / "cache")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    pid = int(await asyncio.to_thread(server.stdout.readline))
    assert Path(f"/proc/{pid}").exists()
    server.kill()
    server.wait()
    server.stdout.close()

    def is_gone():
        status = Path(f"/proc/{pid}/status")
        # Where nobody collects orphans, what has ended stays as a zombie.
        return not status.exists() or "State:\tZ" in status.read_text()

    await until(is_gone)
