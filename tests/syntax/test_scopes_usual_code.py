"""Scopes in the idioms that the languages are really written in: the marked names mean the same, no other does."""

from __future__ import annotations

import pytest
from syntax_checks import check_binding

CASES = [
    (
        "python",
        "class C:\n    @property\n    def «x»(self): return self._x\n    @«x».setter\n"
        "    def «x»(self, v): self._x = v\nc.«x»\n",
    ),
    (
        "python",
        "def «f»(): pass\nclass C:\n    def g(self): return «f»()\n    y = «f»()\nclass D:\n"
        "    def f(self): return «f»()\n",
    ),
    ("python", "async def f(«x»):\n    async for y in «x»: pass\n    return {«x»: y for y in «x»}\n"),
    ("python", "def f(*, «x»=1, **kw):\n    def g():\n        return «x»\n    del «x»\n"),
    (
        "python",
        "from a import (b, «c»)\n__all__ = ['c']\nclass D(«c»): pass\nx: «c» = 1\ndef f(x: 'c'): pass\n",
    ),
    ("python", "try:\n    import «json»\nexcept ImportError:\n    «json» = None\n«json».loads(s)\nx.json()\n"),
    (
        "python",
        "def f(n):\n    «total» = 0\n    for i in n:\n        «total» += i\n"
        "    if «total»: return f'{«total»}'\n    return lambda total: total\n",
    ),
    (
        "python",
        "class A:\n    def __init__(self, «r»):\n        self.r = «r»\n    def s(self, r): self.r = r\n"
        "A(«r»=1).s(r=2)\n",
    ),
    ("python", "with open(p) as «fh»:\n    «fh».read()\n«fh».close()\n"),
    ("python", "def f():\n    [«x» for y in z for «x» in y if «x»]\n    x = 1\n"),
    ("python", "«x» = 1\nclass C:\n    def f(self, y=«x»): pass\n"),
    ("javascript", "function f(«a») { function g(a) { return a } return «a» + g(1) }"),
    ("javascript", "const «a» = 1; function f({b = «a»}) { return «a» } const g = {a: «a»}; g.a"),
    ("javascript", "export const «a» = 1; export default «a»; module.exports = { «a» };"),
    ("javascript", "switch (x) { case 1: let «a» = 1; «a»; break } a;"),
    ("javascript", "class A { static «m»() { return A.«m»() } } class B { m() {} } A.«m»(); new B().x;"),
    ("javascript", "async function f() { for await (const «a» of b) { «a» } } const a = 1;"),
    ("javascript", "const f = async ({ «id», name }) => { await g(«id») }; const id = 1; h({id: 2})"),
    ("typescript", "export function f(this: X, «a»?: number, ...b: string[]): asserts «a» is number { «a»! }"),
    ("typescript", "class A { constructor(private readonly «svc»: S) { «svc».x } }"),
    ("typescript", "import type { «T» } from 'm'; const x: Array<«T»> = []; function f(t: «T»[]) {}"),
    (
        "typescript",
        "abstract class A { abstract «m»(): void; f() { this.«m»() } } class B extends A { «m»() {} }",
    ),
    ("typescript", "namespace N { export const «q» = 1; f(«q») } const q = 2;"),
    (
        "tsx",
        "const [«open», setOpen] = useState(false); return <Modal open={«open»} onClose={() => setOpen(!«open»)} />",
    ),
    (
        "go",
        "package m\nfunc f() { var «wg» sync.WaitGroup; go func() { defer «wg».Done() }(); «wg».Wait() }\n"
        "func g() { wg := 1 }\n",
    ),
    ("go", "package m\nfunc f(v any) { switch «t» := v.(type) { case int: g(«t») } }\nvar t = 1\n"),
    (
        "go",
        "package m\ntype I interface { «M»(x int) }\ntype S struct{}\nfunc (s S) N() { var i I; i.«M»(1) }\n",
    ),
    ("go", "package m\nfunc f() { for «i» := 0; «i» < 1; «i»++ { g(«i») }; for i := range x { g(i) } }\n"),
    ("go", "package m\nfunc f() { x := 1; if true { «x» := 2; g(«x») }; select { case x := <-c: g(x) } }\n"),
    ("go", "package m\nfunc f() { «x» := 1; h(func() { g(«x»); «x» = 2 }) }\n"),
    ("rust", "fn f(mut «x»: i32) { «x» += 1; loop { «x» = 2; } }"),
    ("rust", "struct P { «x»: i32 } fn f(p: P) { let P { «x»: a } = p; let q = P { «x»: a, ..p }; }"),
    ("rust", "fn f(v: &[i32]) { let s: i32 = v.iter().map(|«n»| «n» * 2).sum(); let n = s; }"),
    ("rust", "mod m { pub fn «g»() { «g»() } } fn g() {}"),
    ("rust", "fn f() { let Some(«x») = o else { return; }; g(«x»); } fn x() {}"),
    ("rust", "fn f() { while let Some(«x») = it.next() { g(«x»); } }"),
    ("rust", "#[derive(Debug)] enum E { «V»{a: i32} } fn f(e: E) { match e { E::«V» { a } => a } }"),
    ("rust", "macro_rules! «m» { () => {} } fn f() { «m»!(); }"),
    (
        "java",
        "class A { private static final int «MAX» = 1; int f() { return «MAX» + A.«MAX»; } } class B { "
        "int f() { return MAX; } }",
    ),
    ("java", "class A { int size; int «size»() { return size; } int f() { return «size»() + this.size; } }"),
    ("java", "class A { int f(int «n») { return «n» > 1 ? f(«n» - 1) : 0; } int g(int n) { return n; } }"),
    ("java", "record P(int «x», int y) { int f() { return «x»; } }"),
    ("java", "class A { void f() { try (R «r» = o()) { «r».x(); } } R r; }"),
    ("java", "class A { Runnable f(int «x») { return () -> { g(«x»); }; } }"),
    ("java", "import a.b.«C»; class D extends «C» { «C» c = new «C»(); }"),
    ("c", "static int «count»; void f(void) { «count»++; } void g(int count) { count++; }"),
    ("c", "struct node { struct node *«next»; }; void f(struct node *n) { n->«next» = n->«next»->«next»; }"),
    ("c", "void f(void) { struct S «s» = { .a = 1 }; g(&«s», «s».a); } struct S s2;"),
    ("c", "typedef int (*«cb»)(int a); void f(«cb» x) { x(1); }"),
    ("c", "#ifdef A\nint f(int «a») { return «a»; }\n#endif\nint a;\n"),
    (
        "cpp",
        "namespace n { class A { public: static int «s»; }; } int n::A::«s» = 1; int f() { return A::«s»; }",
    ),
    ("cpp", "template<typename T> void f(T «x») { auto l = [«x»](auto y) { return «x» + y; }; }"),
    ("cpp", "struct A { int «x_» = 0; int x() const { return «x_»; } void set(int x) { «x_» = x; } };"),
    ("cpp", "enum class E { «A», B }; E e = E::«A»; int f(int A);"),
    ("cpp", "using «V» = std::vector<int>; «V» f(const «V»& v) { return v; }"),
    ("csharp", "class A { private readonly int «_x»; public A(int x) { «_x» = x; } public int X => «_x»; }"),
    ("csharp", "class A { int F(List<int> «xs») { return «xs».Select(x => x + 1).Sum(); } }"),
    ("csharp", "interface I { void «M»(); } class A : I { public void «M»() {} } class B { void M() {} }"),
    ("csharp", "class A { static void «Go»(int a) {} void F() { A.«Go»(1); «Go»(a: 2); } }"),
    (
        "csharp",
        'class A { public string «Name» { get; set; } } class B { string F(A a) { return $"{a.«Name»}"; } }',
    ),
    (
        "ruby",
        'class A\n  def initialize(«name»)\n    @name = «name»\n  end\n  def hi\n    "#{@name}"\n  end\nend\n',
    ),
    ("ruby", "module M\n  def self.«run»(x)\n  end\nend\nM.«run»(1)\nrun = 2\n"),
    ("ruby", "def f(items)\n  items.each do |«i»|\n    puts «i»\n    [1].map { |j| «i» + j }\n  end\nend\n"),
    (
        "php",
        "<?php class A { private array $«items» = []; function add($items) { $this->«items»[] = $items; "
        "foreach ($this->«items» as $i) {} } }",
    ),
    (
        "php",
        "<?php function f(array $«xs») { foreach ($«xs» as $k => $v) { echo $k; } return "
        "array_map(fn($x) => $x, $«xs»); }",
    ),
    ("php", "<?php use A\\«B»; class C extends «B» { function f(«B» $b): «B» { return new «B»(); } }"),
    ("php", "<?php class A { public function __construct(private int $«n») { echo $«n»; } }"),
    ("bash", 'f() {\n  local «x»\n  «x»=$1\n  if [ -z "$«x»" ]; then «x»=2; fi\n}\nx=3\n'),
    ("bash", '«DIR»=$(pwd)\ncd "$«DIR»/x" && echo ${«DIR»}\n'),
    ("javascript", "var «a» = 1; function f() { «a» = 2 } function g(a) { a }"),
    ("javascript", "class A { constructor() { this.«n» = 1; const n = 2 } get m() { return this.«n» } }"),
    ("javascript", "const o = { «m»() {}, k: 1 }; o.«m»(); function m() {}"),
    ("javascript", "x.forEach(function («e», i) { «e»(i) }); e;"),
    ("javascript", "if (a) { function «g»() {} «g»() }"),
    ("typescript", "function f(«cb»: (err: Error) => void) { «cb»(err) } const err = 1;"),
    ("typescript", "export class S { static readonly «K» = 1; f() { return S.«K» } } const K = 2;"),
    ("typescript", "const «x» = <T>(y: T) => y; «x»<number>(1);"),
    ("typescript", "type P = { «name»: string }; const a: P = { «name»: 'b' }; a.«name»; const name = 1;"),
    (
        "python",
        "class A:\n    def f(self):\n        return self.g()\n    def «h»(self):\n        return "
        "A.«h»(self)\nclass B:\n    def h(self): pass\n",
    ),
    ("python", "import numpy as «np»\ndef f(np2): return «np».array(np2.np)\n"),
    ("python", "def f(«x»: int = 1) -> int:\n    '''x'''\n    return f(«x»=«x»)\n"),
    ("python", "def outer():\n    def «inner»(): pass\n    return «inner»\ndef other():\n    inner = 1\n"),
    ("python", "for «i» in range(3): print(«i»)\nfor «i» in y: pass\ndef f(): return «i»\n"),
    ("python", "def f(a):\n    «y» = [b for b in a]\n    return (lambda b: «y»)(a)\n"),
    ("python", "class P(BaseModel):\n    «name»: str\ndef f(p: P): return p.«name»\nq = Other(name=1)\n"),
    (
        "go",
        "package m\nfunc f(ctx C) (int, error) { if _, «ok» := m[k]; !«ok» { return }; v, ok := g(); return ok }\n",
    ),
    ("go", 'package m\nvar «ErrX» = errors.New("x")\nfunc f() error { return «ErrX» }\n'),
    ("rust", "impl S { const «N»: u8 = 1; fn f() -> u8 { Self::«N» } } const N: u8 = 2;"),
    ("rust", "fn f(«tx»: Sender) { spawn(move || { «tx».send(1); }); }"),
    ("rust", 'async fn f(«id»: u32) -> R { sqlx::query!("id", «id») } fn g(id: u32) {}'),
    ("rust", "use std::collections::«HashMap»; struct S { m: «HashMap»<u8, u8> } fn f() { «HashMap»::new(); }"),
    ("java", "class A { void f(List<String> «xs») { for (String x : «xs») { «xs».add(x); } } void g(int xs) {} }"),
    (
        "java",
        "class A { int «n»; A withN(int n) { this.«n» = n; return this; } int get() { int m = «n»; return m; } }",
    ),
    (
        "java",
        "class A { static class B { int v; } void f() { B «b» = new B(); «b».v = 1; } void g() { B b = null; } }",
    ),
    ("c", "int f(int n) { int «r» = 0; while (n) { «r» += n; } return «r»; } int g(int r) { return r; }"),
    ("c", "struct P { int x; }; int f(struct P «p») { return «p».x; } int g(struct P *p) { return p->x; }"),
    ("cpp", "class A { std::vector<int> «v_»; public: void add(int v) { «v_».push_back(v); } }; void f(A v_) {}"),
    (
        "cpp",
        'int main() { std::string «s» = "s"; std::cout << «s» << std::endl; auto f = [&]() { return «s».size(); }; }',
    ),
    ("cpp", "void f(std::function<void(int)> «cb») { «cb»(1); } void move(A a) { std::move(a); }"),
    (
        "csharp",
        "class A { async Task F(string «id») { var x = await G(«id»); if (x == «id») { return; } } void "
        "H(string id) {} }",
    ),
    ("csharp", "class A { int F(List<P> ps) { return ps.Where(«p» => «p».X > 1).Select(p => p.X).Sum(); } }"),
    ("ruby", "class A\n  def «call»(x)\n    x\n  end\nend\nA.new.«call»(1)\ndef f(call)\n  call\nend\n"),
    ("php", '<?php function f(int $«n»): int { if ($«n» > 1) { return f($«n» - 1); } return "{$«n»}"; } $n = 1;'),
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_usual_code(language: str, marked: str):
    check_binding(language, marked)
