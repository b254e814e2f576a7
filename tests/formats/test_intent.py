"""What is said of the edits so far and of the place."""

from nextedit_lsp.formats import intent
from nextedit_lsp.formats.regions import Region
from tests.formats.checks import state


def check_noticed(path: str, *steps: str, said: list[str], others: dict[str, str] | None = None) -> None:
    assert intent.noticed(state(path, *steps, others=others)) == said


def check_surroundings(path: str, text: str, said: list[str], others: dict[str, str] | None = None) -> None:
    """Of the row with the cursor."""
    snapshot = state(path, text, others=others)
    row = snapshot.document.text.line_at(snapshot.cursor)
    assert intent.surroundings(snapshot, Region(snapshot.document, row, row + 1)) == said


def test_a_renamed_parameter_and_its_uses():
    check_noticed(
        "a.py",
        "def area(r):\n    s = r * r\n    return 3 * s\n",
        "def area(radius):\n    s = r * r\n    return 3 * s\n",
        "def area(radius):\n    s = radius * r\n    return 3 * s\n",
        said=["renaming `r` to `radius`: 2 of 3 uses done, left are a.py line 2"],
    )


def test_a_name_of_the_same_spelling_elsewhere_is_not_left():
    check_noticed(
        "a.py",
        "def f(r):\n    return r\n\ndef g(r):\n    return r\n",
        "def f(x):\n    return r\n\ndef g(r):\n    return r\n",
        said=["renaming `r` to `x`: 1 of 2 uses done, left are a.py line 2"],
    )


def test_uses_in_a_file_that_imports_the_name():
    check_noticed(
        "a.py",
        "def area(): ...\n",
        "def surface(): ...\n",
        others={"b.py": "from a import area\nprint(area())\n"},
        said=["renaming `area` to `surface`: 1 of 3 uses done, left are b.py lines 1, 2"],
    )


def test_a_namesake_in_a_file_that_does_not_import_it():
    check_noticed(
        "a.py",
        "def area(): ...\narea()\n",
        "def surface(): ...\narea()\n",
        others={"b.py": "def area(): ...\nprint(area())\n"},
        said=["renaming `area` to `surface`: 1 of 2 uses done, left are a.py line 2"],
    )


def test_a_finished_renaming_is_not_mentioned():
    check_noticed("a.py", "def f(r):\n    return 1\n", "def f(x):\n    return 1\n", said=[])


def test_one_use_that_reads_another_name_is_no_renaming():
    check_noticed("a.py", "a = b = 1\nprint(a)\nprint(a)\n", "a = b = 1\nprint(b)\nprint(a)\n", said=[])


def test_a_parameter_added():
    check_noticed(
        "a.py",
        "def f(x, y):\n    pass\n\nf(1, 2)\nf(3, 4)\nf(5, 6, 7)\n",
        "def f(x, y, z):\n    pass\n\nf(1, 2)\nf(3, 4)\nf(5, 6, 7)\n",
        said=["parameter `z` added to `f`: 2 of 3 callers still pass two arguments, a.py lines 4, 5"],
    )


def test_a_parameter_gone_from_a_method():
    check_noticed(
        "a.py",
        "class A:\n    def f(self, x):\n        pass\n\nA().f(1)\n",
        "class A:\n    def f(self):\n        pass\n\nA().f(1)\n",
        said=["parameter `x` gone from `f`: 1 of 1 callers still pass one argument, a.py line 5"],
    )


def test_a_parameter_added_while_another_is_renamed():
    said = intent.noticed(state("a.py", "def f(r):\n    return r\nf(1)\n", "def f(radius, z):\n    return r\nf(1)\n"))
    assert said == [
        "renaming `r` to `radius`: 1 of 2 uses done, left are a.py line 2",
        "parameter `z` added to `f`: 1 of 1 callers still pass one argument, a.py line 3",
    ]


def test_a_language_without_a_grammar_is_not_guessed_at():
    check_noticed("a.xyz", "f(r) = r\n", "f(x) = r\n", said=[])


def test_the_function_and_the_class_around():
    check_surroundings(
        "a.py",
        "class Circle(Shape):\n    def area(self, scale: float) -> float:\n        <CURSOR>return 1\n",
        [
            "the lines stand in the class `class Circle(Shape):`",
            "the lines stand in the function `def area(self, scale: float) -> float:`",
        ],
    )


def test_the_signature_of_what_is_called():
    check_surroundings(
        "a.py",
        "x = <CURSOR>area(1)\n",
        ["`area` is defined in b.py, line 2: `def area(r: float) -> float:`"],
        others={"b.py": "\ndef area(r: float) -> float:\n    return r\n"},
    )


def test_parameters_in_brackets_count_as_one():
    check_noticed(
        "a.ts",
        "function f(m: Map<string, number>, g: (a: number, b: number) => void) {}\nf(m, g)\n",
        "function f(m: Map<string, number>, g: (a: number, b: number) => void, z: number) {}\nf(m, g)\n",
        said=["parameter `z: number` added to `f`: 1 of 1 callers still pass two arguments, a.ts line 2"],
    )


def test_the_first_parameter_and_the_last_one_gone():
    check_noticed(
        "a.py",
        "def f():\n    pass\nf()\n",
        "def f(x):\n    pass\nf()\n",
        said=["parameter `x` added to `f`: 1 of 1 callers still pass no arguments, a.py line 3"],
    )
    check_noticed(
        "a.py",
        "def f(x):\n    pass\nf(1)\n",
        "def f():\n    pass\nf(1)\n",
        said=["parameter `x` gone from `f`: 1 of 1 callers still pass one argument, a.py line 3"],
    )
