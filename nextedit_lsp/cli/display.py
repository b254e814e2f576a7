"""A replay in the terminal: each edit made, each edit suggested, and the count at the end.

In: answers.  Out: lines on a rich console.
Not here: what is right (``steps``), JSON (``summary``).
"""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Styled

from nextedit_lsp.cli import diffs
from nextedit_lsp.cli.replaying import Answer, Suggested, language_of
from nextedit_lsp.cli.summary import Summary


def show_answer(console: Console, answer: Answer) -> None:
    """One step of the user's and what was suggested after it."""
    step = answer.step
    line = step.after.line_at(step.cursor) + 1
    console.print(Styled.assemble(("typed    ", "bold"), (f"{step.path}:{line}", "cyan")))
    diffs.show(console, step.before, step.changes)
    if answer.suggested is None:
        console.print(Styled(f"  silent  {answer.silence}  {answer.elapsed_ms:.0f} ms", style="dim"))
    else:
        _show_suggested(console, answer.suggested, answer.elapsed_ms)
    console.print()


def show_summary(console: Console, summary: Summary) -> None:
    """How many suggestions were right, and where."""
    console.rule(style="dim")
    rate = f" ({summary.n_right / summary.n_shown:.0%})" if summary.n_shown else ""
    console.print(
        Styled.assemble(
            (f"{summary.n_right} right next edits", "bold green" if summary.n_right else "bold red"),
            f" of {summary.n_shown} suggested{rate}, after {summary.n_steps} edits typed",
        )
    )
    by_language = ", ".join(f"{language} {count}" for language, count in summary.right_by_language.items())
    console.print(f"  languages    {by_language or 'none'}")
    console.print(
        f"  far away     {summary.n_right_other_file} in another file, {summary.n_right_off_screen} off screen"
    )
    console.print(f"  answered in  {summary.p50_ms:.0f} ms (p50), {summary.p95_ms:.0f} ms (p95)")
    console.print(f"  keystrokes   {summary.n_keystrokes_right} of {summary.n_keystrokes} typed make these edits")
    console.print(
        Styled(
            "Right: the user's own later typing in the recording makes exactly the suggested edit. "
            "The recording holds what the user typed and nothing else.",
            style="dim",
        )
    )


def _show_suggested(console: Console, suggested: Suggested, elapsed_ms: float) -> None:
    where = "in another file" if suggested.is_other_file else "off screen" if suggested.is_off_screen else "near"
    console.print(
        Styled.assemble(
            ("  next   ", "bold magenta"),
            (f"{suggested.path}:{suggested.line + 1}", "cyan"),
            (f"  {where}, {language_of(suggested.path)}, {elapsed_ms:.0f} ms", "dim"),
        )
    )
    diffs.show(console, suggested.before, suggested.changes, indent=6)
    console.print(Padding(Styled(suggested.reason, style="italic"), (0, 0, 0, 9), expand=False))
    made = suggested.made
    if made is None:
        console.print(Styled("         ✗ the user never makes this edit", style="yellow"))
    elif made.is_next:
        console.print(Styled("         ✔ this is what the user typed next", style="green"))
    else:
        console.print(Styled(f"         ✔ the user typed this {made.first + 1} edits later", style="green"))
