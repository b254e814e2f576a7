"""Renamed names: their uses by scope, their other spellings, other files."""

from tests.prediction.checks import check_next, check_silent, predicted


def test_a_renamed_parameter_leads_to_its_use_and_not_to_its_namesake():
    check_next(
        "a.py",
        """
        def area(r):
            return 3 * r ** 2

        def other(r):
            return r
        """,
        """
        def area(radius):
            return 3 * r ** 2

        def other(r):
            return r
        """,
        then="""
        def area(radius):
            return 3 * radius ** 2

        def other(r):
            return r
        """,
    )


def test_a_namesake_in_another_function_is_never_touched():
    prediction = predicted(
        "a.js",
        "function f(a) {\n  return a + 1;\n}\nfunction g(a) {\n  return a * a;\n}\n",
        "function f(left) {\n  return a + 1;\n}\nfunction g(a) {\n  return a * a;\n}\n",
        "function f(left) {\n  return left + 1;\n}\nfunction g(a) {\n  return a * a;\n}\n",
    )
    assert [s.line for s in prediction.suggestions if s.line >= 3] == []


def test_a_renamed_function_leads_to_its_call_in_another_file():
    other = "from shapes import load_user\n\nprint(load_user(4))\n"
    prediction = predicted(
        "shapes.py",
        "def load_user(key):\n    return key\n",
        "def fetch_user(key):\n    return key\n",
        others={"main.py": other},
    )
    assert {s.path for s in prediction.suggestions} == {"main.py"}
    assert "fetch_user" in prediction.suggestions[0].edit.text or "fetch" in prediction.suggestions[0].edit.text


def test_a_renamed_field_leads_to_its_uses():
    check_next(
        "a.go",
        "package p\n\ntype P struct {\n\tx int\n}\n\nfunc (p P) X() int { return p.x }\n",
        "package p\n\ntype P struct {\n\tleft int\n}\n\nfunc (p P) X() int { return p.x }\n",
        then="package p\n\ntype P struct {\n\tleft int\n}\n\nfunc (p P) X() int { return p.left }\n",
    )


def test_a_keyword_argument_follows_its_parameter():
    prediction = predicted(
        "a.py",
        "def area(r, k):\n    return k\n\nprint(area(r=3, k=2))\n",
        "def area(radius, k):\n    return k\n\nprint(area(r=3, k=2))\n",
    )
    assert [(s.old_text, s.edit.text) for s in prediction.suggestions] == [("", "adius")]


def test_a_shorthand_property_keeps_its_key():
    prediction = predicted(
        "a.js",
        "function f(size) {\n  log(size);\n  return { size };\n}\n",
        "function f(width) {\n  log(size);\n  return { size };\n}\n",
        "function f(width) {\n  log(width);\n  return { size };\n}\n",
    )
    assert [s.edit.text for s in prediction.suggestions] == [": width"]


def test_two_uses_on_one_line_are_one_suggestion():
    check_next(
        "a.py",
        "def f(n):\n    return n * n\n",
        "def f(count):\n    return n * n\n",
        then="def f(count):\n    return count * count\n",
    )


def test_a_rename_taken_back_is_not_suggested():
    check_silent(
        "a.py", "x = 1\ny = x\nz = x\n", "w = 1\ny = x\nz = x\n", "w = 1\ny = w\nz = x\n", "w = 1\ny = x\nz = x\n"
    )


def test_a_word_still_being_typed_is_not_an_example_yet():
    check_silent(
        "a.py",
        "def area(r):\n    return r\n",
        "def area(ra<CURSOR>):\n    return r\n",
        pause_s=0.05,
    )


def test_without_a_grammar_whole_words_are_found():
    check_next(
        "notes.txt",
        "colour of one\ncolour of two\ncolourful\ncolour of three\n",
        "color of one\ncolour of two\ncolourful\ncolour of three\n",
        "color of one\ncolor of two\ncolourful\ncolour of three\n",
        then="color of one\ncolor of two\ncolourful\ncolor of three\n",
    )


def test_once_its_uses_are_renamed_the_other_spellings_follow():
    text = """
    const user_name = read();
    show(user_name);
    const userNames = [];
    // the user_name of the session
    setUserName(USER_NAME);
    """
    once = text.replace("const user_name", "const full_name")
    twice = once.replace("show(user_name", "show(full_name")
    check_next(
        "a.js",
        text,
        once,
        twice,
        then="""
        const full_name = read();
        show(full_name);
        const fullNames = [];
        // the full_name of the session
        setFullName(FULL_NAME);
        """,
    )


def test_other_spellings_wait_until_the_uses_are_renamed():
    text = "const user_name = read();\nshow(user_name);\nconst userName = 1;\n"
    prediction = predicted("a.js", text, text.replace("const user_name", "const full_name"))
    assert [suggestion.line for suggestion in prediction.suggestions] == [1]


def test_a_member_of_the_same_name_is_another_thing():
    text = "interface Box {\n  size: number;\n}\nfunction volume(size: number) {\n  return size ** 3;\n}\n"
    prediction = predicted("a.ts", text, text.replace("volume(size:", "volume(edge:"))
    assert [suggestion.line for suggestion in prediction.suggestions] == [4]


def test_a_renamed_local_leaves_other_files_alone():
    prediction = predicted(
        "a.py",
        "def f():\n    total = 1\n    return total\n",
        "def f():\n    amount = 1\n    return total\n",
        others={"b.py": "total = 3\nprint(total)\n"},
    )
    assert {suggestion.path for suggestion in prediction.suggestions} == {"a.py"}
