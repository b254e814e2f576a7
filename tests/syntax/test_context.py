"""Calls, signatures and expressions around a place."""

from __future__ import annotations

import pytest
from syntax_checks import tree_of, unmarked, with_marks

from nextedit_lsp.syntax.context import Call, Kind, call_at, calls_named, enclosing, expression_spans


def call_in(language: str, marked: str) -> tuple[str, Call | None]:
    """The call at the marker ``|``."""
    offset = marked.index("¦")
    source = marked.replace("¦", "")
    tree = tree_of(language, source)
    return source, call_at(tree, tree.text, offset, tree.language)


def check_call(
    language: str, marked: str, callee: str, index: int, arguments: str, *, definition: bool = False
) -> None:
    source, call = call_in(language, marked)
    assert call is not None
    assert (call.callee, call.argument_index, call.is_definition) == (callee, index, definition)
    assert " | ".join(source[slice(*span)] for span in call.arguments) == arguments
    assert source[slice(*call.callee_span)] == callee
    assert source[call.open] in "(|"
    assert source[call.close : call.close + 1] in (")", "|", "")


CALLS = [
    ("python", "f(a, ¦b=1)\n"),
    ("javascript", "f(a, ¦b=1)"),
    ("javascript", "new f(a, ¦b=1)"),
    ("typescript", "x.y.f<T>(a, ¦b=1)"),
    ("go", "package m\nfunc g() { x.f(a, ¦b == 1) }"),
    ("rust", "fn g() { x::f::<T>(a, ¦b == 1) }"),
    ("rust", "fn g() { x.f(a, ¦b == 1) }"),
    ("java", "class C { void g() { this.f(a, ¦b = 1); } }"),
    ("java", "class C { void g() { new f(a, ¦b = 1); } }"),
    ("c", "int g() { return f(a, ¦b == 1); }"),
    ("cpp", "int g() { return N::f(a, ¦b == 1); }"),
    ("cpp", "int g() { return x->f(a, ¦b == 1); }"),
    ("cpp", "int g() { new f(a, ¦b == 1); }"),
    ("csharp", "class C { void G() { x?.f(a, ¦b = 1); } }"),
    ("csharp", "class C { void G() { new f<T>(a, ¦b = 1); } }"),
    ("ruby", "x.f(a, ¦b == 1)"),
    ("php", "<?php f(a, ¦b == 1);"),
    ("php", "<?php $x->f(a, ¦b == 1);"),
    ("php", "<?php new f(a, ¦b == 1);"),
    ("php", "<?php A::f(a, ¦b == 1);"),
]


@pytest.mark.parametrize(("language", "marked"), CALLS)
def test_call(language: str, marked: str):
    start = marked.index("¦")
    second = marked[start + 1 :].split(")")[0]
    check_call(language, marked, "f", 1, f"a | {second}")


DEFINITIONS = [
    ("python", "def f(a, ¦b): pass\n", "a | b"),
    ("python", "f = lambda a, ¦b: a\n", None),
    ("javascript", "function f(a, ¦b) {}", "a | b"),
    ("javascript", "const f = (a, ¦b) => a", "a | b"),
    ("typescript", "class C { f(a: A, ¦b?: B) {} }", "a: A | b?: B"),
    ("go", "package m\nfunc f(a int, ¦b int) {}", "a int | b int"),
    ("go", "package m\nfunc (s S) f(a int, ¦b int) {}", "a int | b int"),
    ("rust", "fn f(a: A, ¦b: B) {}", "a: A | b: B"),
    ("java", "class C { void f(A a, ¦B b) {} }", "A a | B b"),
    ("c", "int *f(int a, ¦int b) {}", "int a | int b"),
    ("cpp", "void C::f(int a, ¦int b = 1) {}", "int a | int b = 1"),
    ("csharp", "class C { void f(A a, ¦B b) {} }", "A a | B b"),
    ("ruby", "def f(a, ¦b) end", "a | b"),
    ("php", "<?php function f($a, ¦$b) {}", "$a | $b"),
]


@pytest.mark.parametrize(("language", "marked", "parameters"), [one for one in DEFINITIONS if one[2]])
def test_definition(language: str, marked: str, parameters: str):
    check_call(language, marked, "f", 1, parameters, definition=True)


def test_innermost_call_wins():
    check_call("python", "f(a, g(b¦), c)\n", "g", 0, "b")
    check_call("python", "f(a, g(b), ¦c)\n", "f", 2, "a | g(b) | c")


def test_offset_at_the_parentheses():
    check_call("python", "f(¦)\n", "f", 0, "")
    assert call_in("python", "f(a)¦\n")[1] is None
    assert call_in("python", "¦f(a)\n")[1] is None


def test_unfinished_call():
    _, call = call_in("python", "x = f(a, ¦\n")
    assert call is None or call.callee == "f"


def names(language: str, source: str) -> str:
    tree = tree_of(language, source)
    return with_marks(source, [call.callee_span for call in calls_named(tree, tree.text, "f", tree.language)])


def test_calls_named():
    assert names("python", "def f(a): pass\nf(1)\nx.f(2)\ng(f)\nf\n@f(1)\ndef g(f): pass\n") == (
        "def «f»(a): pass\n«f»(1)\nx.«f»(2)\ng(f)\nf\n@«f»(1)\ndef g(f): pass\n"
    )
    assert names("c", "int f(int a); int f(int a) { return f(f(a)); }") == (
        "int «f»(int a); int «f»(int a) { return «f»(«f»(a)); }"
    )
    assert names("go", "package m\nfunc (f F) f(f int) { x.f(f) }\n") == (
        "package m\nfunc (f F) «f»(f int) { x.«f»(f) }\n"
    )
    assert names("javascript", "const f = (a) => f(a); new f(1)") == "const «f» = (a) => «f»(a); new «f»(1)"


def test_enclosing():
    source = "class C:\n    def f(self):\n        return 1\n"
    tree = tree_of("python", source)
    offset = source.index("return")
    function = enclosing(tree, tree.text, offset, tree.language, Kind.FUNCTION)
    assert function == (source.index("def"), len(source) - 1)
    assert enclosing(tree, tree.text, offset, tree.language, Kind.CLASS) == (0, len(source) - 1)
    assert enclosing(tree, tree.text, 0, tree.language, Kind.FUNCTION) is None


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("x = «a + b» * c\n", False),
        ("x = (a + «b * c»)\n", True),
        ("x = «f(a)».b\n", True),
        ("x = f«(a)»\n", True),
        ("x = f(«a, b»)\n", False),
        ("«x = 1»\n", True),
        ("x«» = 1\n", False),
    ],
)
def test_expression_spans(marked: str, expected: bool):
    source, [span] = unmarked(marked)
    tree = tree_of("python", source)
    assert expression_spans(tree, tree.text, *span) == (span if expected else None)
