"""Whole lines: rewritten as a block, inserted again, moved, imported; what can be derived, however likely it is."""

import pytest

from tests.prediction.checks import derived

GUARD = """
fn one() {
    if lock(&first) {
        abort();
    }
}

fn two() {
    if lock(&second) {
        abort();
    }
}
"""


def test_lines_that_read_like_rewritten_ones_are_rewritten_with_their_own_words():
    once = GUARD.replace("    if lock(&first) {\n        abort();\n    }\n", "    must_lock(&first);\n")
    twice = once.replace("    if lock(&second) {\n        abort();\n    }\n", "    must_lock(&second);\n")
    assert derived("a.rs", GUARD, once)["rewrite"] == [twice]


def test_a_line_becomes_several_elsewhere_with_the_indentation_of_the_place():
    text = "def f():\n    write(page, out)\n\n\nclass A:\n    def g(self):\n        write(page, buffer)\n"
    once = text.replace("    write(page, out)\n", "    if page:\n        write(page, out)\n", 1)
    twice = once.replace("        write(page, buffer)\n", "        if page:\n            write(page, buffer)\n")
    assert derived("a.py", text, once)["rewrite"] == [twice]


def test_a_short_line_is_rewritten_where_the_lines_around_are_the_same():
    text = "test('a', () => {\n  one();\n  two();\n})\nconst after = 1;\nconst more = 2;\n"
    once = text.replace("})\n", "});\n")
    assert derived("a.js", text, once, others={"b.js": text})["rewrite"] == [once]


def test_a_long_block_is_inserted_where_the_lines_around_are_the_same():
    text = "test('a', () => {\n  expect(a).toBe(1);\n});\n\ntest('b', () => {\n  expect(b).toBe(2);\n});\n"
    block = "test('c', () => {\n  const c = make();\n  use(c);\n  expect(c).toBe(3);\n  free(c);\n});\n\n"
    once = text.replace("test('b'", block + "test('b'")
    assert once in derived("a.js", text, once, others={"b.js": text})["insert"]


def test_a_block_written_at_the_end_is_written_at_the_end_of_the_twin():
    text = "def test_a():\n    assert one() == 1\n"
    once = text + "\n\ndef test_b():\n    assert two() == 2\n"
    assert once in derived("a.py", text, once, others={"b.py": text})["insert"]


MOVED = "def run():\n    prepare(first)\n    connect(host)\n    prepare(second)\n    send_everything()\n"


def test_a_line_that_was_written_again_is_deleted_where_it_stood():
    again = MOVED.replace("    connect(host)\n", "    connect(host)\n    send_everything()\n")
    assert derived("a.py", MOVED, again)["moved"] == [again[: again.rindex("    send_everything()")]]


def test_of_two_blank_lines_around_what_moved_one_goes_along():
    text = "a = 1\n\ndef helper():\n    return compute()\n\nb = 2\n"
    moved = derived("a.py", text, text, "def helper():\n    return compute()\n\n" + text)
    assert moved["moved"] == ["def helper():\n    return compute()\n\na = 1\n\nb = 2\n"]


def test_a_line_that_stands_everywhere_was_not_moved():
    text = "".join(f"def f{i}():\n    return result\n\n" for i in range(6))
    once = text.replace("def f0():\n", "def f0():\n    return result\n", 1)
    assert "moved" not in derived("a.py", text, once)


@pytest.mark.parametrize(
    ("before", "after", "other", "source", "wanted"),
    [
        (
            "import a.Alpha;\nimport c.Gamma;\n\nclass A {}\n",
            "import a.Alpha;\nimport b.Beta;\nimport c.Gamma;\n\nclass A {}\n",
            "import a.Alpha;\nimport d.Delta;\n\nclass B {}\n",
            "import_again",
            "import a.Alpha;\nimport b.Beta;\nimport d.Delta;\n\nclass B {}\n",
        ),
        (
            "import os\n\nprint(1)\n",
            "import os\n\nprint(Path(1))\n",
            "from pathlib import Path\n\nPath.cwd()\n",
            "import_used",
            "import os\nfrom pathlib import Path\n\nprint(Path(1))\n",
        ),
        (
            "import os\nimport sys\n\nprint(sys.argv)\nos.getcwd()\n",
            "import os\nimport sys\n\nprint()\nos.getcwd()\n",
            "",
            "import_unused",
            "import os\n\nprint()\nos.getcwd()\n",
        ),
        (
            "from typing import Any, Optional\n\nx: Optional[int] = f()\ny: Any = 1\n",
            "from typing import Any, Optional\n\nx: int = f()\ny: Any = 1\n",
            "",
            "import_unused",
            "from typing import Any\n\nx: int = f()\ny: Any = 1\n",
        ),
    ],
)
def test_imports_come_with_use_and_go_with_it(before, after, other, source, wanted):
    suffix = "java" if ";" in before else "py"
    assert derived(f"a.{suffix}", before, after, others={f"b.{suffix}": other})[source] == [wanted]


def test_lines_added_next_to_a_name_are_added_where_that_name_has_its_line():
    text = "DECLARE(alpha)\nDECLARE(beta)\n\nLIST {\n  ENTRY(alpha)\n  ENTRY(beta)\n}\n"
    once = text.replace("DECLARE(beta)\n", "DECLARE(beta)\nDECLARE(gamma)\nDECLARE(delta)\n")
    twice = once.replace("  ENTRY(beta)\n", "  ENTRY(beta)\n  ENTRY(gamma)\n  ENTRY(delta)\n")
    assert derived("a.h", text, once)["parallel_name"] == [twice]


def test_a_version_is_changed_wherever_it_stands():
    once = "version = '2.1.0'\n"
    assert derived("setup.py", "version = '2.0.1'\n", once, others={"README.md": "Install **2.0.1** now\n"})[
        "repeat"
    ] == ["Install **2.1.0** now\n"]
