"""A model's card: what it was made of, how, and what it can do.

In: a checkpoint's facts, the list of repositories, measured results.  Out: Markdown.
Not here: measuring.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).with_name("card.md")


def card(facts: Mapping[str, str], repositories: Path) -> str:
    """The card; raises KeyError for a fact that is missing.

    ``repositories`` is a JSON file whose field ``train`` has the number of episodes by repository.
    """
    found: dict[str, int] = json.loads(repositories.read_text(encoding="utf-8"))["train"]
    listed = ", ".join(f"{name} ({n})" for name, n in sorted(found.items()))
    words = {"n_repositories": str(len(found)), "repositories": f"Repositories (episodes): {listed}."}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(facts, **words)
