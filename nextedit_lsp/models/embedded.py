"""Models that come with the program, so that it needs no download.

In: nothing.  Out: their files.
Not here: which they are and what they can do (``registry``).
"""

from __future__ import annotations

from pathlib import Path

# In a wheel the folders lie beside this file; in a checkout at the root of the repository, beside the registry.
PLACES = (Path(__file__).with_name("embedded"), Path(__file__).parents[2] / "models")


def file_of(name: str) -> Path | None:
    """The file of the model that comes under that name; None where none does."""
    paths = (place / name / f"{name}.gguf" for place in PLACES)
    return next((path for path in paths if path.is_file()), None)
