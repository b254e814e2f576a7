"""Scopes of the languages with declared types."""

from __future__ import annotations

from syntax_checks import check_binding, check_roles


def go(marked: str, name: str = "") -> None:
    check_binding("go", marked, name, prelude="package main\n")


def test_go_parameters_and_locals():
    go("var x int\nfunc f(«x» int) int { return «x» }\nfunc g(x int) int { return x }\n")
    go("func f() { x := 1; { «x» := 2; g(«x») }; g(x) }\n")
    go("func f() { «x» := 1; { x := «x»; g(x) }; g(«x») }\n")
    go("func f() { a, «err» := g(); b, «err» := h(); return «err» }\nfunc h() { err := 1 }\n")
    go("func f() («err» error) { a, «err» := g(); return «err» }\n")
    go("func f() { err := g(); if «err» := h(); «err» != nil { return «err» }; return err }\n")
    go("func f() { for i, «v» := range xs { g(«v») }; v() }\n")
    go("func f() { g := func(«p» int) int { return «p» }; p() }\n")


def test_go_package_level():
    go("var «x» = 1\nfunc f() { g(«x») }\nfunc h() { x := 2; g(x) }\n")
    go("func «f»() { «f»() }\nfunc g(f int) { h(f) }\n")
    go("const «K» = 1\nvar y = «K»\nfunc f() { a.K() }\n")


def test_go_types_and_generics():
    go("type «S» struct { a int }\nfunc (s *«S») M() {}\nfunc f() «S» { return «S»{a: 1} }\n")
    go("func F[«T» any](x «T») «T» { return x }\nfunc G[T any](x T) {}\n")


def test_go_fields_and_methods():
    go("type S struct { «r» int }\nfunc (s S) M(r int) int { return s.«r» + r }\nfunc f(t S) { t.«r» = 1 }\n")
    go("type S struct { «r» int }\ntype T struct { r int }\nfunc (s *S) M() { s.«r» }\nfunc (t *T) M() { t.r }\n")
    go("type S struct { «r» int }\nvar s = S{«r»: r}\nvar m = map[int]int{r: 1}\n")
    go("type S struct{}\nfunc (s S) «M»() { s.«M»() }\nfunc M() {}\n")
    go('import "fmt"\ntype S struct{}\nfunc (s S) «Println»() {}\nfunc f(s S) { s.«Println»(); fmt.Println() }\n')
    go('import (\n\tf "fmt"\n)\ntype S struct{}\nfunc (s S) «P»() { s.«P»(); f.P() }\nvar x = []string{\n"s",\n}\n')


def test_go_text():
    check_roles("go", 'package m\nvar «x» = "«x»" // «x»\n', "definition text comment")


def rust(marked: str, name: str = "") -> None:
    check_binding("rust", marked, name)


def test_rust_locals_and_shadowing():
    rust("fn f(«x»: i32) -> i32 { «x» + 1 } fn g(x: i32) { x; }")
    rust("fn f() { let «x» = 1; let x = «x» + 1; g(x); }")
    rust("fn f() { let x = 1; let «x» = x + 1; g(«x»); }")
    rust("fn f() { let x = 1; { let «x» = 2; g(«x»); } g(x); }")
    rust("fn f(x: Option<i32>) { if let Some(«x») = x { g(«x»); } g(x); }")
    rust("fn f(x: O) { match x { Some(«x») if «x» > 1 => «x», _ => 0 }; x; }")
    rust("fn f(x: V) { for «x» in x { g(«x»); } }")
    rust("fn f() { let x = 1; let c = |«x»: i32| «x» + 1; c(x); }")
    rust('fn f() { let (a, «x») = t; println!("{}", «x»); }')


def test_rust_items():
    rust("fn «f»() { «f»(); } fn g(f: i32) { f; }")
    rust("const «K»: i32 = 1; fn f() { K2; «K»; } static L: i32 = «K»;")
    rust("struct «S» { a: i32 } impl «S» { fn new() -> «S» { «S» { a: 1 } } } fn f(s: &«S») {}")
    rust("fn f<«T»: Clone>(x: «T») -> Vec<«T»> { } struct T;")
    rust("use a::b::«c»; fn f() { «c»(); } fn g(c: i32) { c; }")
    rust("use a::x as «c»; fn f() { «c»(); }")


def test_rust_members():
    rust(
        "struct S { «r»: i32 } impl S { fn f(&self, r: i32) -> i32 { self.«r» + r } fn n(r: i32) -> S { S { «r»: r } }}"
    )
    rust(
        "struct S { «r»: i32 } struct T { r: i32 } impl S { fn f(&self) { self.«r» } } impl T { fn f(&self) { self.r }}"
    )
    rust("impl S { fn «new»() {} fn g() { Self::«new»(); S::«new»(); Vec::new(); } } fn new() {}")
    rust("enum E { «A», B } fn f() { E::«A»; let A = 1; }")
    rust("trait T { fn «area»(&self); } impl T for S { fn «area»(&self) {} } impl T for R { fn «area»(&self) {} }")


def test_rust_text():
    check_roles("rust", 'fn f() { let «x» = "«x»"; } // «x»\n', "definition text comment")


def java(marked: str, name: str = "") -> None:
    check_binding("java", marked, name)


def test_java_locals_and_fields():
    java("class C { int «r»; void f(int r) { this.«r» = r; } int g() { return «r»; } }")
    java("class C { int r; void f(int «r») { this.r = «r»; } int g() { return r; } }")
    java("class C { int r; int f() { int «r» = 1; return «r»; } int g(int r) { return r; } }")
    java("class C { int «r»; } class D { int r; int f() { return r; } }")
    java("class C { int «r»; } class D extends C { int f() { return «r» + this.«r»; } }")
    java("class C { void f() { for (int «i» = 0; «i» < 1; «i»++) {} for (int i : xs) { i(); } } }")
    java("class C { void f() { F g = «x» -> «x» + 1; F h = (x) -> x; } }")
    java("class C { void f() { try { } catch (E «e») { g(«e»); } e(); } }")
    java("class C { void f(Object o) { if (o instanceof S «s») { g(«s»); } } void h() { s(); } }")


def test_java_methods_and_classes():
    java("class C { void «m»() {} void f() { «m»(); this.«m»(); new C().«m»(); int m; } }")
    java("class «C» { «C»() {} static «C» make() { return new «C»(); } } class D { «C» c; }")
    java("class C<«T»> { «T» f(«T» x) { return x; } } class D<T> { T x; }")
    java("enum E { «A», B } class C { E f() { return E.«A»; } }")
    java("interface I { void «m»(); } class C implements I { public void «m»() {} } class D { void m() {} }")


def test_java_text():
    check_roles("java", 'class C { String «x» = "«x»"; } // «x»\n', "member text comment")


def c(marked: str, name: str = "") -> None:
    for language in ("c", "cpp"):
        check_binding(language, marked, name)


def test_c_locals_and_parameters():
    c("int x; int f(int «x») { return «x»; } int g(int x) { return x; }")
    c("int «x»; int f(void) { return «x»; } int g(void) { int x = 1; return x; }")
    c("int f(void) { int x = 1; { int «x» = 2; g(«x»); } return x; }")
    c("int f(void) { for (int «i» = 0; «i» < 1; «i»++) { g(«i»); } return i; }")
    c("int f(char *«p», int q[]) { return *«p»; } int g(char *p);")
    c("int f(void) { int a, *«b», c[3]; return *«b»; }")


def test_c_functions_types_and_macros():
    c("int «f»(int a); int «f»(int a) { return «f»(a); } int g(int f) { return f; }")
    c("struct «S» { int a; }; int f(struct «S» *s) { struct «S» t; return s->a; }")
    c("typedef struct { int a; } «T»; «T» f(«T» x) { return («T»)x; }")
    c("#define «MAX» 1\nint f(void) { return «MAX»; }\n")
    c("enum E { «A», B }; int f(void) { return «A»; } int g(int A) { return A; }")


def test_c_members():
    c("struct S { int «r»; }; int f(struct S *s, int r) { struct S t; s->«r» = t.«r»; return r; }")
    c("struct S { int r; }; struct T { int «r»; }; int r;")


def test_c_text():
    check_roles("c", 'char *«x» = "«x»"; // «x»\n', "definition text comment")


def cpp(marked: str, name: str = "") -> None:
    check_binding("cpp", marked, name)


def test_cpp_members():
    cpp("class C { int «r»; C(int r) : «r»(r) {} int f() { return «r» + this->«r»; } int g(int r) { return r; } };")
    cpp("class C { int «r»; int f(); }; int C::f() { return «r»; } int g() { return r; }")
    cpp("class C { void «m»(); }; void C::«m»() { «m»(); this->«m»(); } void m() {}")
    cpp("class C { int «r»; }; class D { int r; int f() { return r; } };")
    cpp("class C { int «r»; }; class D : public C { int f() { return «r»; } };")


def test_cpp_class_names():
    cpp("class «C» { public: «C»(int x); ~«C»(); }; «C»::«C»(int x) {} «C»::~«C»() {} «C» make() { return «C»(1); }")
    cpp("template <typename «T»> «T» f(«T» x) { return x; } template <typename T> class D { T y; };")


def test_cpp_locals():
    cpp("int f() { auto [«a», b] = g(); return «a»; } int a;")
    cpp("int f() { for (auto& «v» : xs) { g(«v»); } return v; }")
    cpp("int f(const T& «a», int b = 1) { auto l = [&](int b) { return «a» + b; }; }")
    cpp("void f() { try {} catch (E& «e») { g(«e»); } }")


def cs(marked: str, name: str = "") -> None:
    check_binding("csharp", marked, name)


def test_csharp_locals_and_fields():
    cs("class C { int «r»; void F(int r) { this.«r» = r; } int G() { return «r»; } }")
    cs("class C { int r; void F(int «r») { this.r = «r»; } int G() { return r; } }")
    cs("class C { int F() { var «r» = 1; return «r»; } int G(int r) { return r; } }")
    cs("class C { void F() { foreach (var «v» in xs) { G(«v»); } H(v); } }")
    cs("class C { void F() { Func f = «x» => «x» + 1; Func g = (x) => x; } }")
    cs("class C { void F() { try {} catch (E «e») { G(«e»); } } }")
    cs("class C { void F() { G(out var «o»); H(«o»); if (a is string s) {} } }")
    cs("class C { void F() { using (var «r» = G()) { «r».X(); } for (int i = 0; i < r; i++) {} } }")


def test_csharp_members_and_classes():
    cs("class C { public int «P» { get; set; } void F() { «P» = 1; new C { «P» = 2 }; c.«P»; } } class D { int Q; }")
    cs("namespace N { class «C» { public «C»() {} «C» F(«C» c) { return new «C»(); } } }")
    cs("class C { void «M»() {} void F() { «M»(); this.«M»(); o?.«M»(); } }")
    cs("class C<«T»> { «T» F(«T» x) { return x; } } class D<T> { T x; }")
    cs("enum E { «A», B } class C { E F() { return E.«A»; } }")
    cs("record R(int «Aa», int Bb); class C { int F(R r) { return r.«Aa»; } }")


def test_csharp_named_arguments():
    cs("class C { void M(int «size») { G(«size»); } void F() { M(«size»: 1); Q(size: 2); } }")


def test_csharp_text():
    check_roles("csharp", 'class C { string «x» = "«x»"; } // «x»\n', "member text comment")
