"""Files to measure on: generated, but like what people write, of any length.

In: a language, a number of lines, a seed.  Out: the text, and the names of its functions' variables.
Not here: measuring.
"""

from __future__ import annotations

import random

NOUNS = """account amount batch bucket buffer cache channel client column config cursor entry event field filter
    frame group handle header index item job key label layer limit line link list loader"""
VERBS = "add apply build check close collect count create decode drop encode fetch find flush format get load"
TYPES_PY = ("int", "str", "float", "bool", "bytes")
TYPES_TS = ("number", "string", "boolean", "Date", "Uint8Array")


def generated(language: str, n_lines: int, seed: int = 1) -> str:
    """A source file of about ``n_lines`` lines: classes of methods, each with locals that are used below."""
    rng = random.Random(seed)
    make = _python_class if language == "python" else _typescript_class
    lines = ["import logging", "", "log = logging.getLogger(__name__)", ""] if language == "python" else []
    number = 0
    while len(lines) < n_lines:
        lines += make(rng, number)
        number += 1
    return "\n".join(lines[:n_lines]) + "\n"


def _python_class(rng: random.Random, number: int) -> list[str]:
    first, second, third = rng.sample(NOUNS.split(), 3)
    kind = rng.choice(TYPES_PY)
    lines = [
        "",
        f"class {first.title()}{second.title()}{number}:",
        f'    """Keeps the {first} of each {second}."""',
        "",
        f"    def __init__(self, {third}: {kind}, limit: int = {rng.randint(8, 512)}) -> None:",
        f"        self.{third} = {third}",
        "        self.limit = limit",
        f"        self.{first}s: dict[str, {kind}] = {{}}",
    ]
    for verb in rng.sample(VERBS.split(), 5):
        local, argument = rng.sample(NOUNS.split(), 2)
        lines += [
            "",
            f"    def {verb}_{local}(self, {argument}: str, retries: int = {rng.randint(1, 5)}) -> {kind} | None:",
            f'        """The {local} that belongs to {argument!r}, if there is one."""',
            f"        {local}_{number} = self.{first}s.get({argument})",
            f"        if {local}_{number} is None:",
            f'            log.debug("no %s for %s", "{local}", {argument})',
            "            return None",
            f"        for attempt in range(retries):  # {verb} again while it is busy",
            f"            if attempt > self.limit and {local}_{number} == self.{third}:",
            "                break",
            f"        self.{first}s[{argument}] = {local}_{number}",
            f"        return {local}_{number}",
        ]
    return lines


def _typescript_class(rng: random.Random, number: int) -> list[str]:
    first, second, third = rng.sample(NOUNS.split(), 3)
    kind = rng.choice(TYPES_TS)
    lines = [
        "",
        f"/** Keeps the {first} of each {second}. */",
        f"export class {first.title()}{second.title()}{number} {{",
        f"  private readonly {first}s = new Map<string, {kind}>()",
        "",
        f"  constructor(private readonly {third}: {kind}, private readonly limit = {rng.randint(8, 512)}) {{}}",
    ]
    for verb in rng.sample(VERBS.split(), 5):
        local, argument = rng.sample(NOUNS.split(), 2)
        lines += [
            "",
            f"  {verb}{local.title()}({argument}: string, retries = {rng.randint(1, 5)}): {kind} | undefined {{",
            f"    const {local}{number} = this.{first}s.get({argument})",
            f"    if ({local}{number} === undefined) {{",
            f"      console.debug(`no {local} for ${{{argument}}}`)",
            "      return undefined",
            "    }",
            "    for (let attempt = 0; attempt < retries; attempt++) {",
            f"      if (attempt > this.limit && {local}{number} === this.{third}) break",
            "    }",
            f"    this.{first}s.set({argument}, {local}{number})",
            f"    return {local}{number}",
            "  }",
        ]
    return [*lines, "}"]
