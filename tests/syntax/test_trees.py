"""Trees follow the text: an incremental parse equals a fresh one."""

from __future__ import annotations

import pytest
import tree_sitter
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax_checks import language_named, tree_of

from nextedit_lsp.syntax import trees
from nextedit_lsp.syntax.context import call_at, calls_named
from nextedit_lsp.syntax.languages import Language, all_languages, language_for
from nextedit_lsp.syntax.scopes import is_exported, occurrences, same_binding
from nextedit_lsp.text.buffer import Text
from nextedit_lsp.text.changes import Changes, Edit

SAMPLES = {
    "python": 'import os\nclass C(B):\n    x: int = 1\n    def f(self, x=2):\n        return [x for x in "é"]  # x',
    "javascript": "import {x} from 'm';\nclass C { x = 1; f(x) { return <a b={x}>é😀</a> } }\nconst {y: [x]} = o;\n",
    "typescript": "interface I { x: T }\nfunction f<T>(x: T, ...y): T { return `é${x}` }",
    "tsx": "const f = ({x}: {x: number}) => <div x={x}>é😀 {x}</div>;\ntype X = typeof x;\n",
    "go": 'package m\nimport "fmt"\ntype S struct { x int }\nfunc (s S) F(x int) { for x := range s.x { p("é", x) } }',
    "rust": 'struct S { x: T }\nimpl S { fn f(&self, x: T) { if let Some(x) = self.x { p!("é", x) } }}\n',
    "java": 'class C<T> extends B {\n  int x = 1;\n  C(int x) { this.x = x; f(x -> "é😀" + x); }\n}\n',
    "c": '#include <a.h>\n#define X 1\nstruct S { int x; };\nint f(int x, char *y[]) { return p->x + "é😀"[x]; }\n',
    "cpp": 'template <class T> class C : B { T x; C(T x) : x(x) {}};\nvoid C::f() { for (auto& x : xs) g(x, "é😀"); }',
    "csharp": 'namespace N { class C { int x; int F(int x) { return G(x: x) + this.x + $"é😀{x}"; } } }\n',
    "ruby": 'class C\n  attr_reader :x\n  def f(x, y: 1)\n    @x = x.map { |x| "é😀#{x}" }\n  end\nend\n',
    "php": '<?php\nclass C { public $x; function f($x) { global $y; $this->x = fn($z) => "é😀$x"; } }\n',
    "bash": 'x=1\nf() { local x=2; echo "é😀 $x ${x:-1}"; for x in a b; do :; done; }\nf x\n',
    "json": '{"x": [1, {"x": "é😀"}], "y": null}\n',
    "yaml": 'x: &x 1\ny:\n  - x: "é😀"\n  - *x\n',
    "toml": '[x.y]\nx = 1 # x\ny.x = "é😀"\n',
    "html": '<div x="y"><p>é😀 x</p><!-- x --></div>\n',
    "css": ".x #x, x:hover { x: y; --x: 1px } /* é😀 */\n@media x { .x { y: var(--x) } }\n",
}


def test_every_language_has_a_sample():
    assert {language.name for language in all_languages()} == SAMPLES.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_parses(name: str):
    tree = tree_of(name, SAMPLES[name])
    assert not tree.has_error
    assert tree.n_errors(0, len(tree.text)) == 0


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_with_crlf_parses(name: str):
    tree = tree_of(name, SAMPLES[name].replace("\n", "\r\n"))
    assert not tree.has_error


@st.composite
def edited_samples(draw: st.DrawFn) -> tuple[str, str, list[Changes]]:
    name = draw(st.sampled_from(sorted(SAMPLES)))
    source = SAMPLES[name].replace("\n", draw(st.sampled_from(["\n", "\r\n"]))) * draw(st.sampled_from([1, 40]))
    snippets = st.one_of(
        st.sampled_from(["", "x", "(", ")", "{", "}", '"', "\n", "\r\n", " ", "é", "😀", "x = 1\n"]),
        st.text(max_size=5),
    )
    changes, length = [], len(source)
    for _ in range(draw(st.integers(1, 3))):
        edits, at = [], 0
        for _ in range(draw(st.integers(1, 3))):
            start = draw(st.integers(at, length))
            end = draw(st.integers(start, min(length, start + 6)))
            edits.append(Edit(start, end, draw(snippets)))
            at = end + 1
            if at > length:
                break
        changes.append(Changes.of(edits))
        length += changes[-1].delta
    return name, source, changes


@settings(max_examples=120, deadline=None)
@given(edited_samples())
def test_incremental_parse_equals_fresh_parse(sample: tuple[str, str, list[Changes]]):
    name, source, steps = sample
    tree = tree_of(name, source)
    text = tree.text
    for changes in steps:
        after = changes.apply(text)
        previous, was = tree, str(tree.root)
        tree = tree.edited(changes, text, after)
        assert str(previous.root) == was
        fresh = trees.parse(tree.language, after)
        assert fresh is not None
        assert tree.root.end_byte == fresh.root.end_byte
        # Error recovery may take another way when it re-uses parts; sound code must come out the same.
        if not fresh.has_error:
            assert str(tree.root) == str(fresh.root)
        text = after
    check_never_raises(tree)


def check_never_raises(tree: trees.Tree) -> None:
    text, language = tree.text, tree.language
    for name in ("x", "C", "f", "$x", "@x", "é", "é😀", "y"):
        found = occurrences(tree, text, name, language, [(0, min(2, len(text)))])
        for one in found[:5]:
            assert one in same_binding(found, (one.start, one.end))
            is_exported(tree, language, one)
            call_at(tree, text, one.start, language)
    calls_named(tree, text, "f", language)
    for offset in (0, len(text) // 2, len(text)):
        tree.path_at(offset)
        call_at(tree, text, offset, language)
    tree.n_errors(0, len(text))


@pytest.mark.parametrize("name", SAMPLES)
def test_any_beginning_of_a_sample_is_survived(name: str):
    source = SAMPLES[name]
    for end in range(0, len(source), 7):
        check_never_raises(tree_of(name, source[:end]))


def test_paths_and_spans_count_code_points():
    source = "x = 'é😀'; yy = 1\n"
    tree = tree_of("python", source)
    at = source.index("yy")
    node = tree.node_at(at)
    assert (node.type, tree.span(node), tree.source(node)) == ("identifier", (at, at + 2), "yy")
    assert [node.type for node in tree.path_at(at)] == ["module", "expression_statement", "assignment", "identifier"]


def test_errors_are_counted_where_they_are():
    source = "x = 1\ny = (\n" + "z = 1\n" * 3
    tree = tree_of("python", "x = 1\n" * 50 + "y = = 2\n" + "x = 1\n" * 50)
    assert tree.has_error
    assert tree.n_errors(0, 200) == 0
    assert tree.n_errors(300, 308) == 1
    assert tree_of("javascript", "f(1").n_errors(0, 3) == 1
    assert tree_of("python", source).has_error


def test_text_without_characters():
    tree = tree_of("python", "")
    assert tree.node_at(0).type == "module"
    after = Text.of("x")
    assert tree.edited(Changes.replace(0, 0, "x"), Text.of(""), after).root.end_byte == 1


def test_long_text_of_many_chunks_is_parsed():
    source = "def f(é):\n    return é\n" * 2000
    tree = tree_of("python", source)
    assert not tree.has_error
    assert tree.root.end_byte == len(source.encode())


def counted_parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are parsed from now on; those parsed from an older tree begin with "+"."""
    seen: list[str] = []
    parsed = trees._parsed

    def counting(language: Language, text: Text, old: tree_sitter.Tree | None) -> tree_sitter.Tree | None:
        seen.append(f"{'+' if old else ''}{text}")
        return parsed(language, text, old)

    monkeypatch.setattr(trees, "_parsed", counting)
    return seen


def later(source: str) -> trees.Later:
    return trees.Later(language_named("python"), Text.of(source))


def typed(tree: trees.Later, at: int, new: str) -> trees.Later:
    changes = Changes.replace(at, at, new)
    return tree.edited(changes, changes.apply(tree.text))


def test_tree_is_made_when_it_is_needed_and_once(monkeypatch: pytest.MonkeyPatch):
    seen = counted_parses(monkeypatch)
    first = later("x = 1\n")
    second = typed(typed(first, 5, "2"), 6, "3")
    assert seen == []
    assert second.tree is second.tree
    assert seen == ["x = 123\n"]
    third = typed(typed(second, 0, "y"), 8, "4")
    assert third.tree is not None
    assert seen == ["x = 123\n", "+yx = 1234\n"]
    assert third.tree.source(third.tree.root) == "yx = 1234\n"


def test_tree_of_a_text_that_came_back_is_the_old_one(monkeypatch: pytest.MonkeyPatch):
    first = later("x = 1\n")
    assert first.tree is not None
    seen = counted_parses(monkeypatch)
    back = typed(first, 0, "y").edited(Changes.replace(0, 1, ""), first.text)
    assert back.tree is first.tree
    assert seen == []


def test_tree_after_very_many_edits_is_made_anew(monkeypatch: pytest.MonkeyPatch):
    tree = later("x = 1\n" * 1000)
    assert tree.tree is not None
    seen = counted_parses(monkeypatch)
    for line in range(trees.MAX_EDITS + 1):
        tree = typed(tree, 7 * line, "y")
    assert tree.tree is not None
    assert seen == [str(tree.text)]
    assert not tree.tree.has_error


@settings(max_examples=60, deadline=None)
@given(edited_samples(), st.lists(st.booleans(), min_size=3, max_size=3))
def test_tree_made_late_equals_fresh_parse(sample: tuple[str, str, list[Changes]], asked: list[bool]):
    name, source, steps = sample
    tree = trees.Later(language_named(name), Text.of(source))
    for changes, is_asked in zip(steps, asked, strict=False):
        if is_asked:
            assert tree.tree is not None
        tree = tree.edited(changes, changes.apply(tree.text))
    fresh = trees.parse(tree.language, tree.text)
    assert tree.tree is not None
    assert fresh is not None
    assert tree.tree.text == tree.text
    if not fresh.has_error:
        assert str(tree.tree.root) == str(fresh.root)


def test_missing_grammar_means_no_tree(monkeypatch: pytest.MonkeyPatch):
    trees._grammar.cache_clear()
    monkeypatch.setattr(trees.importlib, "import_module", lambda name: 1 / 0)
    assert trees.parse(language_named("python"), Text.of("x = 1")) is None
    trees._grammar.cache_clear()


@pytest.mark.parametrize(
    ("language_id", "path", "name"),
    [
        ("python", "", "python"),
        ("javascriptreact", "a.txt", "javascript"),
        ("typescriptreact", "", "tsx"),
        ("shellscript", "", "bash"),
        ("cpp", "a.h", "cpp"),
        (None, "/a/b.TSX", "tsx"),
        ("plaintext", "C:\\a\\b.rs", "rust"),
        (None, "Gemfile", "ruby"),
        (None, ".bashrc", "bash"),
        ("markdown", "a.md", None),
        (None, "a", None),
    ],
)
def test_language_of_a_document(language_id: str | None, path: str, name: str | None):
    language = language_for(language_id, path)
    assert (language and language.name) == name


@pytest.mark.parametrize("source", ["(" * 3000, "x." * 300 + "x", "f(" * 1000 + "x", "[" * 1000 + "x" + "]" * 1000])
def test_deep_nesting_is_survived(source: str):
    check_never_raises(tree_of("python", source))
