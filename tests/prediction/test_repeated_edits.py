"""Repeated changes other than renames: arguments, wraps, inserted and parallel lines, half-typed edits."""

from tests.prediction.checks import check_next, check_silent, predicted

CALLS = "function draw(x, y, z) {}\ndraw(1, 2);\nlog(1, 2);\ndraw(3, 4);\ndraw(5, 6);\n"


def test_an_argument_added_twice_is_added_to_the_next_call():
    once = CALLS.replace("draw(1, 2)", "draw(1, 2, true)")
    twice = once.replace("draw(3, 4)", "draw(3, 4, true)")
    check_next("a.js", CALLS, once, twice, then=twice.replace("draw(5, 6)", "draw(5, 6, true)"))


def test_a_half_typed_argument_is_finished_at_once():
    once = CALLS.replace("draw(1, 2)", "draw(1, 2, true)")
    check_next(
        "a.js",
        CALLS,
        once,
        once.replace("draw(3, 4)", "draw(3, 4, <CURSOR>)"),
        then=once.replace("draw(3, 4)", "draw(3, 4, true)"),
        pause_s=0.05,
    )


def test_a_removed_parameter_is_removed_from_the_calls():
    text = "def send(url, data, debug):\n    pass\n\n\ndef f():\n    send(a, b, True)\n    send(c, d, x > 1)\n"
    check_next(
        "a.py",
        text,
        text.replace("data, debug", "data"),
        then=text.replace("data, debug", "data").replace("a, b, True", "a, b").replace("c, d, x > 1", "c, d"),
    )


def test_a_wrapped_argument_is_wrapped_again():
    text = "print(a)\nprint(b.c)\nlog(x)\nprint(total + 1)\n"
    once = text.replace("print(a)", "print(str(a))")
    twice = once.replace("print(b.c)", "print(str(b.c))")
    check_next("a.py", text, once, twice, then=twice.replace("print(total + 1)", "print(str(total + 1))"))


def test_a_decorator_put_twice_is_put_a_third_time():
    text = """
    class A:
        def one(self):
            return 1

        def two(self):
            return 2

        def three(self):
            return 3
    """
    once = text.replace("    def one", "    @cached\n        def one")
    twice = once.replace("    def two", "    @cached\n        def two")
    check_next("a.py", text, once, twice, then=twice.replace("    def three", "    @cached\n        def three"))


def test_a_keyword_changed_twice_is_changed_a_third_time():
    text = "var a = 1;\nvar b = 2;\nvar c = foo();\n"
    once = text.replace("var a", "const a")
    twice = once.replace("var b", "const b")
    check_next("a.js", text, once, twice, then=twice.replace("var c", "const c"))


POINT = "class Point {\n  constructor(x, y) {\n    this.x = x;\n    this.y = y;\n  }\n}\n"


def test_a_new_parameter_gets_the_line_that_its_neighbours_have():
    added = POINT.replace("x, y)", "x, y, z)")
    check_next("a.ts", POINT, added, then=added.replace("this.y = y;\n", "this.y = y;\n    this.z = z;\n"))


def test_while_that_line_is_being_typed_its_rest_is_suggested():
    added = POINT.replace("x, y)", "x, y, z)")
    check_next(
        "a.ts",
        POINT,
        added,
        added.replace("this.y = y;\n", "this.y = y;\n    this.z<CURSOR>\n"),
        then=added.replace("this.y = y;\n", "this.y = y;\n    this.z = z;\n"),
        pause_s=0.05,
    )


def test_an_attribute_changed_on_parallel_lines_keeps_their_names():
    text = "interface A {\n  name: string;\n  age: number;\n  city: string;\n}\n"
    once = text.replace("name:", "name?:")
    twice = once.replace("age:", "age?:")
    check_next("a.ts", text, once, twice, then=twice.replace("city:", "city?:"))


def test_line_ends_of_the_document_are_kept():
    text = "class P {\r\n  constructor(x, y) {\r\n    this.x = x;\r\n    this.y = y;\r\n  }\r\n}\r\n"
    prediction = predicted("a.ts", text, text.replace("x, y)", "x, y, z)"))
    assert prediction.suggestions[0].edit.text == "    this.z = z;\r\n"


def test_an_edit_that_breaks_sound_syntax_is_withheld():
    check_silent("a.json", '{"a": [1, 2], "b": [3, 4]}\n', '{"a": [1, 2, "b": [3, 4]}\n')


def test_one_unrelated_edit_leads_nowhere():
    check_silent("a.py", "import os\n\nx = 1\n", "import os\n\nx = compute(1)\n")


def test_whatever_was_typed_a_prediction_is_made():
    for text in ("", "\n", "\r", "(((((", "'", "a" * 5000, "\x00\ufeff\u2028", "def f(:\n  x = [\n"):
        predicted("a.py", text, text + "x", text + "x\ny(x, ")


def test_a_parameter_is_passed_on_by_its_name_and_not_by_its_type():
    text = "package p\n\nfunc area(w int, h int) int { return w }\n\nfunc f(d int) int {\n\treturn area(1, 2)\n}\n"
    prediction = predicted("a.go", text, text.replace("h int)", "h int, d int)"))
    assert all("int" not in suggestion.edit.text for suggestion in prediction.suggestions)
