"""Each prompt, whole."""

import pytest

from nextedit_lsp.formats import seed_coder, zeta2
from nextedit_lsp.formats.catalogue import FORMATS
from nextedit_lsp.formats.format import Task
from nextedit_lsp.formats.prompt import text_of
from tests.formats.checks import controls, spot_of, state, task_for

STEPS = ("first()\ny = 1\nlast()\n", "first()\nx = 1<CURSOR>\nlast()\n")
OTHERS = {"lib.py": "def helper(): ...\n"}


def check_prompt(name: str, expected: str, control: list[str]) -> Task:
    task = task_for(name, state("main.py", *STEPS, others=OTHERS))
    assert text_of(task.question.prompt) == expected
    assert controls(task) == control
    return task


def test_zeta_1():
    task = check_prompt(
        "zeta1",
        "### Instruction:\n"
        "You are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt "
        "that the user provides, suggesting the appropriate edits within the excerpt, taking into account the "
        "cursor location.\n\n"
        "### User Edits:\n\n"
        "User edited main.py:\n```diff\n@@ -1,3 +1,3 @@\n first()\n-y = 1\n+x = 1\n last()\n```\n\n"
        "### User Excerpt:\n\n"
        "```main.py\n<|start_of_file|>\n<|editable_region_start|>\nfirst()\nx = 1<|user_cursor_is_here|>\nlast()\n\n"
        "<|editable_region_end|>\n```\n\n"
        "### Response:\n",
        [],
    )
    assert task.question.draft == "<|editable_region_start|>\nfirst()\nx = 1\nlast()\n\n"
    assert task.question.stops == ("<|editable_region_end|>",)


def test_the_golden_vector_of_zeta_2():
    prompt = seed_coder.prompt(
        [("related.rs", "fn helper() {}\n")],
        [seed_coder.event_text("", "a.rs", "-old\n+new\n")],
        "test.rs",
        "prefix\n",
        zeta2.marked("editable", 3),
        "\nsuffix",
    )
    assert text_of(prompt) == (
        "<[fim-suffix]>\nsuffix\n"
        "<[fim-prefix]><filename>related.rs\nfn helper() {}\n\n"
        "<filename>edit_history\n--- a/a.rs\n+++ b/a.rs\n-old\n+new\n\n"
        "<filename>test.rs\nprefix\n<<<<<<< CURRENT\nedi<|user_cursor|>table\n=======\n<[fim-middle]>"
    )


def test_zeta_2_without_anything_around():
    task = task_for("zeta2", state("test.rs", "edi<CURSOR>table"))
    assert text_of(task.question.prompt) == (
        "<[fim-suffix]>\n<[fim-prefix]><filename>test.rs\n"
        "<<<<<<< CURRENT\nedi<|user_cursor|>table\n=======\n<[fim-middle]>"
    )
    assert task.question.draft == "editable\n"


def test_zeta_2():
    check_prompt(
        "zeta2",
        "<[fim-suffix]>\n"
        "<[fim-prefix]><filename>lib.py\ndef helper(): ...\n\n"
        "<filename>edit_history\n--- a/main.py\n+++ b/main.py\n@@ -1,3 +1,3 @@\n first()\n-y = 1\n+x = 1\n last()\n\n"
        "<filename>main.py\n<<<<<<< CURRENT\nfirst()\nx = 1<|user_cursor|>\nlast()\n=======\n<[fim-middle]>",
        ["<[fim-suffix]>", "<[fim-prefix]>", "<filename>", "<filename>", "<filename>", "<[fim-middle]>"],
    )


def test_the_region_of_zeta_2_ends_before_its_last_line_end():
    lines = [f"line_{n:02} = '{'x' * 40}'" for n in range(60)]
    lines[30] = "<CURSOR>" + lines[30]
    task = task_for("zeta2", state("a.txt", "\n".join(lines) + "\n"))
    text, old = text_of(task.question.prompt), task.old
    assert not old.endswith("\n") and old.count("\n") > 10
    suffix, prefix = text.split("<[fim-prefix]>")
    assert suffix.startswith("<[fim-suffix]>\nline_") and suffix.endswith("'\n")
    assert f"{old}\n=======\n<[fim-middle]>" in prefix.replace("<|user_cursor|>", "")
    assert task.spot.document.text.slice(task.end, task.end + 1) == "\n"


def test_zeta_2_1():
    task = check_prompt(
        "zeta21",
        "<[fim-suffix]>\n"
        "<[fim-prefix]><filename>lib.py\ndef helper(): ...\n\n"
        "<filename>edit_history\n--- a/main.py\n+++ b/main.py\n@@ -1,3 +1,3 @@\n first()\n-y = 1\n+x = 1\n last()\n\n"
        "<filename>main.py\n<|marker_1|>first()\nx = 1<|user_cursor|>\nlast()\n<|marker_2|>\n<[fim-middle]>",
        ["<[fim-suffix]>", "<[fim-prefix]>", "<filename>", "<filename>", "<filename>", "<[fim-middle]>"],
    )
    assert task.question.draft == "<|marker_1|>first()\nx = 1\nlast()\n<|marker_2|>"


def test_zeta_2_1_with_markers_on_lines_of_their_own():
    task = task_for("zeta21-lines", state("main.py", "x = 1<CURSOR>\nlast()"))
    assert text_of(task.question.prompt).endswith(
        "<filename>main.py\n<|marker_1|>\nx = 1<|user_cursor|>\nlast()\n<|marker_2|>\n<[fim-middle]>"
    )
    assert task.question.draft == "<|marker_1|>\nx = 1\nlast()\n<|marker_2|>"


def test_sweep():
    task = check_prompt(
        "sweep",
        "<|file_sep|>lib.py\ndef helper(): ...\n\n"
        "<|file_sep|>main.py\nfirst()\ny = 1\nlast()\n\n"
        "<|file_sep|>main.py:1:3\noriginal:\nfirst()\ny = 1\nlast()\nupdated:\nfirst()\nx = 1\nlast()\n"
        "<|file_sep|>original/main.py:2:5\nfirst()\ny = 1\nlast()\n"
        "<|file_sep|>current/main.py:2:5\nfirst()\nx = 1<|cursor|>\nlast()\n"
        "<|file_sep|>updated/main.py:2:5\n",
        ["<|file_sep|>"] * 6,
    )
    assert task.question.draft == "first()\nx = 1\nlast()"
    assert "<|file_sep|>" in task.question.stops


def test_sweep_numbers_its_block_from_the_block():
    lines = [f"line {n}" for n in range(40)]
    lines[20] += "<CURSOR>"
    text = text_of(task_for("sweep", state("a.txt", "\n".join(lines) + "\n")).question.prompt)
    # Two lines above, five below: the cursor is in the third of eight.
    assert text.endswith(
        "<|file_sep|>current/a.txt:3:11\nline 18\nline 19\nline 20<|cursor|>\nline 21\nline 22\nline 23\nline 24\n"
        "line 25\n<|file_sep|>updated/a.txt:3:11\n"
    )


def test_sweep_as_zed_asks():
    check_prompt(
        "sweep-zed",
        "<|file_sep|>lib.py\ndef helper(): ...\n"
        "<|file_sep|>main.py.diff\noriginal:\nfirst()\ny = 1\nlast()\nupdated:\nfirst()\nx = 1\nlast()\n"
        "<|file_sep|>original/main.py\nfirst()\ny = 1\nlast()\n\n"
        "<|file_sep|>current/main.py\nfirst()\nx = 1\nlast()\n\n"
        "<|file_sep|>updated/main.py\n",
        ["<|file_sep|>"] * 5,
    )


def test_instinct():
    check_prompt(
        "instinct",
        "<|im_start|>user\n"
        "Reference the user excerpt, user edits, and the snippets to understand the developer's intent. "
        "Update the editable region of the user excerpt by predicting and completing the changes they would have made "
        "next. This may be a deletion, addition, or modification of code.\n\n"
        "### Context:\n<|context_file|>: lib.py\n<|snippet|>\ndef helper(): ...\n\n"
        "### User Edits:\n\n"
        'User edited file "main.py"\n\n```diff\n@@ -1,3 +1,3 @@\n first()\n-y = 1\n+x = 1\n last()\n```\n\n'
        "### User Excerpt:\nmain.py\n\n"
        "<|editable_region_start|>\nfirst()\nx = 1<|user_cursor_is_here|>\nlast()\n\n<|editable_region_end|>\n```\n"
        "### Response:<|im_end|>\n<|im_start|>assistant\n",
        ["<|im_start|>", "<|im_end|>", "<|im_start|>"],
    )


@pytest.mark.parametrize(
    ("name", "expected", "n_controls"),
    [
        (
            "fim-qwen",
            "<|repo_name|>project\n<|file_sep|>lib.py\ndef helper(): ...\n<|file_sep|>main.py\n"
            "<|fim_prefix|>first()\nx = 1<|fim_suffix|>\nlast()\n<|fim_middle|>",
            6,
        ),
        (
            "fim-starcoder2",
            "<repo_name>project<file_sep>lib.py\ndef helper(): ...\n<file_sep>"
            "<fim_prefix>main.py\nfirst()\nx = 1<fim_suffix>\nlast()\n<fim_middle>",
            6,
        ),
        ("fim-starcoder", "<fim_prefix>first()\nx = 1<fim_suffix>\nlast()\n<fim_middle>", 3),
        ("fim-codellama", "▁<PRE>first()\nx = 1▁<SUF>\nlast()\n▁<MID>", 3),
        ("fim-codestral", "[SUFFIX]\nlast()\n[PREFIX]first()\nx = 1", 2),
    ],
)
def test_fill_in_the_middle(name, expected, n_controls):
    task = task_for(name, state("main.py", *STEPS, others=OTHERS))
    assert text_of(task.question.prompt) == expected
    assert len(controls(task)) == n_controls
    assert (task.old, task.question.draft, task.question.rejoin_lines) == ("", "", 0)


MESSAGE = (
    "Other open files:\n\nlib.py\n```\ndef helper(): ...\n```\n\n"
    "The last edits, oldest first:\n\nmain.py\n```diff\n@@ -1,3 +1,3 @@\n first()\n-y = 1\n+x = 1\n last()\n```\n\n"
    "main.py from line 1:\n```\n<edit_here>\nfirst()\nx = 1<cursor_here/>\nlast()\n</edit_here>\n```\n\n"
    "Write the lines between <edit_here> and </edit_here> as they should be now."
)


def test_chat_in_chatml():
    task = task_for("chat-chatml", state("main.py", *STEPS, others=OTHERS))
    system, user = text_of(task.question.prompt).split("<|im_end|>\n<|im_start|>user\n")
    assert system.startswith("<|im_start|>system\nYou finish a programmer's edits.")
    assert user == MESSAGE + "<|im_end|>\n<|im_start|>assistant\n```\n"
    assert controls(task) == ["<|im_start|>", "<|im_end|>", "<|im_start|>", "<|im_end|>", "<|im_start|>"]
    assert task.question.draft == "first()\nx = 1\nlast()\n"
    assert task.question.stops == ("\n```", "<|im_end|>")


def test_chat_with_the_headers_of_llama_3():
    task = task_for("chat-llama3", state("main.py", *STEPS, others=OTHERS))
    text = text_of(task.question.prompt)
    assert text.startswith("<|start_header_id|>system<|end_header_id|>\n\nYou finish")
    assert text.endswith(MESSAGE + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n```\n")
    assert len(controls(task)) == 8


def test_chat_without_control_tokens():
    task = task_for("chat-plain", state("main.py", *STEPS, others=OTHERS))
    text = text_of(task.question.prompt)
    assert text.startswith("### Instruction:\nYou finish")
    assert text.endswith("\n\n### Input:\n" + MESSAGE + "\n\n### Response:\n```\n")
    assert not controls(task)


def test_native():
    task = check_prompt(
        "native",
        "<|file|>lib.py\ndef helper(): ...\n"
        "<|file|>main.py\n<|after|>last()\n\n<|before|>first()\n<|from|>x = 1<|cursor|>\n<|to|>"
        "<|edit|>main.py\n<|old|>y = 1\n<|new|>x = 1\n<|answer|>",
        [
            *("<|file|>", "<|file|>", "<|after|>", "<|before|>", "<|from|>", "<|cursor|>", "<|to|>"),
            *("<|edit|>", "<|old|>", "<|new|>", "<|answer|>"),
        ],
    )
    assert task.question.draft == "x = 1\n"
    assert (task.question.stops, task.question.watched) == (("<|eot|>",), ("<|none|>",))


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_prompts_end_lines_with_a_line_feed_only(line_end):
    plain = state("main.py", *STEPS, others=OTHERS)
    other = state("main.py", *(step.replace("\n", line_end) for step in STEPS), others=OTHERS)
    for one in FORMATS.values():
        expected, found = one.task(plain, spot_of(plain)), one.task(other, spot_of(other))
        assert isinstance(expected, Task) and isinstance(found, Task)
        assert found.question == expected.question, one.name
