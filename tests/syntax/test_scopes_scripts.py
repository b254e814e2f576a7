"""Scopes of the scripting languages."""

from __future__ import annotations

import pytest
from syntax_checks import check_binding, check_roles, found_in, tree_of, unmarked, with_marks

from nextedit_lsp.syntax.scopes import MAX_OCCURRENCES, is_exported, same_binding


def python(marked: str, name: str = "") -> None:
    check_binding("python", marked, name)


def test_python_local_is_not_the_same_in_another_function():
    python("def f(«x»):\n    return «x» + 1\ndef g(x):\n    return x\nx = 2\n")


def test_python_global_is_seen_by_functions_that_do_not_shadow_it():
    python("«x» = 1\ndef f():\n    return «x»\ndef g():\n    x = 2\n    return x\nprint(«x»)\n")


def test_python_assignment_anywhere_makes_a_local():
    python("x = 1\ndef g():\n    print(«x»)\n    «x» += 2\n    for «x» in y: pass\n")


def test_python_global_statement():
    python("«x» = 1\ndef f():\n    global «x»\n    «x» = 2\ndef g():\n    x = 1\n")


def test_python_global_statement_with_deeper_function():
    python("«x» = 1\ndef f():\n    x = 0\n    def g():\n        global «x»\n        «x» = 2\n")


def test_python_nonlocal_statement():
    python("x = 0\ndef f():\n    «x» = 1\n    def g():\n        nonlocal «x»\n        «x» = 2\n    return «x»\n")


def test_python_closure_sees_outer_variable():
    python("def f():\n    «x» = 1\n    return lambda y: «x» + y\n")


def test_python_lambda_parameter():
    python("x = 1\ny = lambda «x», z=x: «x» + z\n")


def test_python_default_value_and_annotation_belong_outside():
    python("«x» = 1\ndef f(x: «x» = «x») -> «x»:\n    return x\n")


def test_python_comprehension_target():
    python("x = 1\ny = [«x» for «x» in z if «x»]\nprint(x)\n")


def test_python_class_attribute_is_not_visible_bare_in_methods():
    python("x = 1\nclass C:\n    «x» = 2\n    y = «x»\n    def f(self):\n        return x + self.«x» + C.«x»\n")


def test_python_members_of_two_classes_are_apart():
    python("""
        class A:
            def __init__(self, r):
                self.«r» = r
            def f(self):
                return self.«r»
        class B:
            r = 1
            def f(self):
                return self.r
    """)


def test_python_members_of_a_subclass_belong_together():
    python("""
        class A:
            def «area»(self): return 1
        class B(A):
            def «area»(self): return 2
        class C(B):
            def f(self): return self.«area»()
        class D:
            def area(self): return 3
    """)


def test_python_member_of_unknown_receiver_when_one_class_has_it():
    python("class A:\n    def «area»(self): pass\ndef f(a, area):\n    return a.«area»() + area\n")


def test_python_member_of_a_module_is_no_member_of_the_class():
    python("import math\nclass A:\n    def «sqrt»(self): pass\na.«sqrt»()\nmath.sqrt(1)\n")


def test_python_keyword_argument():
    python("def f(«size», other):\n    return «size»\nf(«size»=1)\ng(size=2)\nsize = 3\n")


def test_python_keyword_argument_of_constructor():
    python("""
        class P:
            def __init__(self, «size»):
                self.size = «size»
        P(«size»=1)
    """)


def test_python_keyword_argument_of_dataclass():
    python("@dataclass\nclass P:\n    «size»: int\n    other: str\np = P(«size»=1)\np.«size»\n")


def test_python_import():
    python("from m import «area»\n«area»(1)\ndef f(area): return area\n")


def test_python_import_with_alias():
    python("from m import a as «area»\n«area»(1)\n")


def test_python_name_behind_import_alias_is_not_the_local():
    python("from m import area as b\n«area» = 1\nprint(«area»)\n")


def test_python_module_path_is_not_the_variable():
    python("import m.area\nfrom area import x\n«area» = 1\n")


def test_python_except_with_walrus_and_match():
    python(
        """
        def f():
            with open() as «x»: pass
            try: pass
            except E as «x»: pass
            if («x» := 1): pass
            match y:
                case {"k": «x»}: pass
                case [*«x»]: pass
                case C(x=«x»): pass  # the key is a member
                case «x».y: pass
    """
    )


def test_python_free_names_belong_together():
    python("def f():\n    return «len»(a)\ndef g(len):\n    len\nx.len\n«len»\n")


def test_python_decorator_and_recursion():
    python("def «deco»(f):\n    return «deco»\n@«deco»\ndef g(): pass\n")


def test_python_text_and_comments_have_their_role():
    check_roles("python", '«x» = "«x»"  # «x»\nf"{«x»} «x»"\no.«x» = f(«x»=«x»)\n',
                "definition text comment reference text member keyword reference")  # fmt: skip


def test_python_renamed_places_take_part():
    python("def f(«radius»):\n    return «r» * «r»\ndef g(r): return r\n", "r")
    python("def f(r):\n    return r\n«radius» = 1\nprint(«r»)\n", "r")


def test_python_renamed_member_takes_part():
    python("class C:\n    def __init__(self):\n        self.«radius» = 1\n    def f(self): return self.«r»\n", "r")


def test_python_broken_code():
    python("def f(«x»):\n    y = «x» +\n    return «x»\ndef g(x): return x\n")


def js(marked: str, name: str = "") -> None:
    for language in ("javascript", "typescript", "tsx"):
        check_binding(language, marked, name)


def test_js_let_has_block_scope():
    js("let x = 1; { let «x» = 2; f(«x»); } f(x);")


def test_js_var_has_function_scope():
    js("function f() { if (a) { var «x» = 1; } return «x»; } let x;")


def test_js_loop_variables():
    js("let x; for (const «x» of xs) { «x»(); } x();")
    js("let x; for (let «x» = 0; «x» < 1; «x»++) { «x»(); } x();")
    js("function f() { for (var «x» in a) {} return «x»; } x")
    js("let «x»; for («x» of xs) {} ")


def test_js_parameters_and_arrows():
    js("const x = 1; const f = «x» => «x» + 1; f(x);")
    js("const x = 1; const f = (a, «x» = 1) => { return «x» }; f(x);")
    js("function f({a: «x», b}, ...c) { return «x» } const x = {a: x}")


def test_js_hoisted_function():
    js("«f»(); function «f»() { return «f»; } function g(f) { f }")


def test_js_named_function_expression():
    js("const g = function «f»() { return «f»() }; f();")


def test_js_destructuring():
    js("const {a: «x», b} = o; f(«x»); o.x; ({x: 1});")
    js("const {«x»} = o; f(«x»); g({«x»}); ({y: «x»});")
    js("const [«x», y] = o; f(«x»);")


def test_js_catch():
    js("let e; try {} catch («e») { f(«e») } e;")


def test_js_imports_and_exports():
    js("import {«a»} from 'a'; «a»(); export { «a» };")
    js("import {b as «a»} from 'a'; «a»();")
    js("import «a» from 'a'; «a»(); export { «a» as c };")
    js("import * as «a» from 'a'; «a».x();")
    js("import {a as b} from 'a'; let «a»; «a»;")


def test_js_class_members():
    js("class C { «r» = 1; constructor(r) { this.«r» = r; } f() { return this.«r» } } class D { r = 2 }")
    js("class C { «r»() {} } class D extends C { f() { this.«r»() } } class E { r() {} f() { this.r() } }")
    js("class C { #«r» = 1; f() { return this.#«r» } } let r;")


def test_js_object_keys_and_members_belong_together():
    js("const o = {«r»: 1}; o.«r»; const r = 2; r;")


def test_js_class_name():
    js("class «C» {} new «C»(); x instanceof «C»; function f(C) { C }")


def test_js_labels_are_no_variables():
    js("let «x»; x: for (;;) { break x; } «x»;")


def test_js_strings_templates_and_comments():
    for language in ("javascript", "typescript", "tsx"):
        check_roles(language, "let «x» = '«x»'; `«x» ${«x»}`; // «x»\n/«x»/;",
                    "definition text text reference comment text")  # fmt: skip


def test_jsx():
    for language in ("javascript", "tsx"):
        check_binding(language, "function Foo({«size»}) { return <div size={«size»}/> } <Foo «size»={1}>size</Foo>")
        check_binding(language, "<div><«b»>b</«b»><b></b></div>")
        check_binding(language, "function «Foo»() {} <«Foo» a={1}>Foo</«Foo»>")


def test_ts_types_and_interfaces():
    check_binding("typescript", "interface «P» { a: number } function f(p: «P»): «P» { return p as «P» }")
    check_binding("typescript", "interface P { «a»: number } const p: P = {«a»: 1}; p.«a»; let a;")
    check_binding("typescript", "type «A»<T> = T[]; let x: «A»<number>; function f(A: number) { let y: «A»; A }")
    check_binding("typescript", "function f<«T»>(x: «T»): «T» { } type T = number;")
    check_binding("typescript", "enum «E» { A } «E».A; let x: «E»;")
    check_binding("typescript", "enum E { «A» } E.«A»; let A;")
    check_binding("typescript", "interface I { f(«x»: number): string } let y; x;")


def ruby(marked: str, name: str = "") -> None:
    check_binding("ruby", marked, name)


def test_ruby_locals():
    ruby("x = 1\ndef f(«x»)\n  «x» + 1\nend\ndef g(x)\n  x\nend\n")
    ruby("«x» = 1\n[1].each { |y| «x» = y }\nputs «x»\ndef f\n  x\nend\n")
    ruby("x = 1\n[1].each { |«x»| «x» }\nputs x\n")
    ruby("[1].each { |y| «x» = y; «x» }\n[1].each { |y| x = y; x }\n")
    ruby("def f\n  begin\n  rescue E => «err»\n  end\n  «err»\nend\nerr\n")


def test_ruby_methods():
    ruby("class C\n  def «area»\n  end\n  def f\n    «area» + self.«area»\n  end\nend\ndef g(area)\n  area\nend\n")
    ruby("def «helper»(a)\nend\ndef f\n  «helper»(1)\nend\n«helper» 2\n")


def test_ruby_instance_variables_and_attributes():
    ruby("class C\n  attr_reader :«x»\n  def initialize(x)\n    @«x» = x\n  end\nend\nC.new(1).«x»\n")
    ruby("class C\n  def f\n    @«x» = 1\n  end\n  def g\n    @«x»\n  end\nend\nclass D\n  def f\n    @x\n  end\nend\n")


def test_ruby_keyword_arguments():
    ruby("def f(«size»: 1)\n  «size»\nend\nf(«size»: 2)\ng(size: 3)\n{size: 4}\n")
    ruby("class C\n  def initialize(«size»:)\n    «size»\n  end\nend\nC.new(«size»: 2)\n")


def test_ruby_constants_and_classes():
    ruby("class «C»\n  def self.f; end\nend\n«C».new\ndef g\n  «C».f\nend\n")
    ruby("class C\n  «MAX» = 1\n  def f\n    «MAX»\n  end\nend\nC::«MAX»\n")
    ruby("$«g» = 1\ndef f\n  $«g»\nend\ng = 1\n")


def test_ruby_text():
    check_roles("ruby", '«x» = "«x» #{«x»}" # «x»\n:«x»\n', "definition text reference comment member")


def php(marked: str, name: str = "") -> None:
    check_binding("php", marked, name, prelude="<?php\n")


def test_php_variables_are_local_to_functions():
    php("$x = 1; function f($«x») { return $«x»; } function g() { return $x; } echo $x;")
    php("$«x» = 1; function f() { $x = 2; } echo $«x»;")
    php("$«x» = 1; function f() { global $«x»; $«x» = 2; } function g() { $x = 1; }")


def test_php_closures():
    php("$«x» = 1; $f = function ($y) use ($«x») { return $«x»; };")
    php("$x = 1; $f = function ($y) { $«x» = 2; return $«x»; };")
    php("$«x» = 1; $f = fn($y) => $y + $«x»;")
    php("$x = 1; $f = fn($«x») => $«x»;")


def test_php_members():
    php("class C { public $«r»; function __construct($r) { $this->«r» = $r; } } class D { public $r; }")
    php("class C { const «K» = 1; static function f() { return self::«K»; } } echo C::«K»; echo K;")
    php("class C { function «m»() { $this->«m»(); } } function m() {} m(); $o->«m»();")


def test_php_functions_and_variables_are_apart():
    php("function «f»($f) { return $f; } «f»(1);")


def test_php_named_arguments():
    php("function f($«size») { return $«size»; } f(«size»: 1); g(size: 2);")


def test_php_sigil_in_name():
    php("function f(«$x») { return «$x»; } $x;")


def test_php_text():
    check_roles("php", '<?php $«x» = "«x» $«x»"; // «x»\n', "definition text reference comment")


def test_bash():
    check_binding("bash", "«x»=1\nf() { echo $«x» ${«x»:-1}; «x»=2; }\ng() { local x=1; echo $x; x=3; }\n")
    check_binding("bash", "x=1\ng() { local «x»=1; echo $«x»; «x»=3; }\necho $x\n")
    check_binding("bash", "«f»() { :; }\n«f» 1\ng() { «f»; echo f; }\nf=2\necho $f\n")
    check_binding("bash", "for «i» in 1 2; do echo $«i»; done\nexport «i»=3\n")
    check_roles("bash", "«x»=1; echo \"«x» $«x»\" '«x»' # «x»\n", "definition text reference text comment")


def test_data_languages():
    check_binding("json", '{"«a»": {"«a»": "a"}}')
    check_binding("yaml", "«a»: 1\nb:\n  «a»: a # a\n")
    check_binding("yaml", "a: &«x» 1\nb: *«x»\nx: 1\n")
    check_binding("toml", "[t]\n«a» = 1 # a\nb = 'a'\n")
    check_binding("css", ".«a» { color: red } .«a» .b { } #a { } a { } /* a */")
    check_binding("html", "<div><«p» id='p'>p</«p»><p></p></div>")
    check_roles("json", '{"«a»": "«a»"}', "member text")


def described(language: str, source: str, name: str) -> list[tuple[str, str | None, str]]:
    """Role, owner and the text of the scope's first line, for each occurrence."""
    return [
        (one.role.value, one.owner, source[slice(*one.scope)].split("\n")[0])
        for one in found_in(language, source, name)
    ]


def test_owners_and_scopes():
    source = "class C:\n    x = 1\n    def f(self, x):\n        self.x = o.x\nf(x=1)\n"
    assert described("python", source, "x") == [
        ("member", "C", "class C:"),
        ("definition", "f", "def f(self, x):"),
        ("member", "C", "class C:"),
        ("member", "o", "def f(self, x):"),
        ("keyword", "f", "class C:"),
    ]


@pytest.mark.parametrize(
    ("language", "source", "name", "expected"),
    [
        ("python", "x = 1\ndef f(x): x\nclass C:\n    x = 1\n", "x", "yes no no yes"),
        ("python", "\n\nfrom m import x\n", "x", "yes"),
        ("go", "package m\nfunc f(a int) { f(a) }\n", "f", "yes no"),
        ("javascript", "export const a = 1; { let a = 2; a }", "a", "yes no no"),
        ("java", "class A { int a; void f(int a) {} }", "a", "yes no"),
    ],
)
def test_exported(language: str, source: str, name: str, expected: str):
    tree = tree_of(language, source)
    found = found_in(language, source, name)
    assert " ".join("yes" if is_exported(tree, tree.language, one) else "no" for one in found) == expected


def test_same_binding_of_a_place_without_the_name_is_empty():
    assert same_binding(found_in("python", "x = 1\n", "x"), (3, 4)) == []


def test_of_very_many_places_those_nearest_to_the_renamed_one_are_looked_at():
    lines = ["x = 1\n"] * 5000
    lines[2000] = "y = 1\n"
    found = found_in("python", "".join(lines), "x", [(12_000, 12_001)])
    assert len(found) == MAX_OCCURRENCES
    assert [one.start for one in found] == [6 * row for row in range(2000 - 60, 2000 + 60)]
    assert len(same_binding(found, (12_000, 12_001))) == MAX_OCCURRENCES


def test_without_a_renamed_place_the_first_of_very_many_are_looked_at():
    found = found_in("python", "x = 1\n" * 5000, "x")
    assert [one.start for one in found] == [6 * row for row in range(MAX_OCCURRENCES)]


def test_a_function_that_the_cut_goes_through_is_left_out():
    function = "def f(x):\n" + "    x()\n" * 49
    source = function * 5
    near = len(function) * 2 + function.index("x()")
    found = found_in("python", source, "x", [(near, near + 1)])
    rows = {one.start // len(function) for one in found}
    # Fifty names each, 60 on either side of the place: of the first function and the fourth only parts would be seen.
    assert rows == {1, 2}
    assert len(found) == 100


IMPORTS = [
    ("python", "from m import «x»\n«x»()\ndef f(x): x\no.x\n"),
    ("python", "from m import «x» as y\ny()\n"),
    ("python", "from m import y as x\nx()\n"),
    ("python", "import x\nx.f()\n"),
    ("python", "import m as x\nx.f()\n"),
    ("python", "def x(): pass\nx()\n"),
    ("python", "x()\n"),
    ("javascript", "import { «x» } from 'm'; «x»(); (x) => x;"),
    ("typescript", "import { «x» as y } from 'm'; y();"),
    ("typescript", "import { y as x } from 'm'; x();"),
    ("typescript", "import «x» from 'm'; «x»();"),
    ("javascript", "import * as x from 'm'; x.f();"),
    ("rust", "use m::{«x», y};\nfn f() { «x»(); }\n"),
    ("rust", "use m::y as x;\nfn f() { x(); }\n"),
    ("java", "import m.«X»;\nclass A { «X» a; }\n"),
    ("go", 'package p\nimport x "m"\nfunc f() { x.F() }\n'),
]


@pytest.mark.parametrize(("language", "marked"), IMPORTS)
def test_what_is_imported_under_its_own_name(language: str, marked: str):
    source, _ = unmarked(marked)
    found = found_in(language, source, "X" if language == "java" else "x")
    imported = [(one.start, one.end) for one in found if one.is_imported]
    assert with_marks(source, imported) == marked
