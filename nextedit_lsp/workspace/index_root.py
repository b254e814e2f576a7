"""The index of one root, kept as the disk is, and asked.

In: a root, changes on disk, questions.  Out: how relevant which files are.
Not here: the process that this runs in (``index_worker``), where terms are kept (``index_store``).

Work is done in small steps, so that a question never waits for more than one file.
"""

from __future__ import annotations

import math
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nextedit_lsp.workspace import co_changes, files, git, ignore, index_store, terms, walking
from nextedit_lsp.workspace.ignore import IgnoreRules
from nextedit_lsp.workspace.looking import Question
from nextedit_lsp.workspace.terms import Terms
from nextedit_lsp.workspace.walking import Stamp

# So many files are made to last together.
COMMIT_FILES = 500
# So many files are taken in before a question is answered: each takes about a millisecond.
MAX_CAUGHT_UP = 4
# A word that stands in more files than this is a common one: which of them is meant it does not say.
MAX_NAMED = 100
# What a match is worth, before its rarity: the removed word itself, a function whose arguments were changed, other
# spellings, words that were added, and lines that read like the edited ones.
REMOVED, CALLED, KIN, ADDED, SHINGLE = 4.0, 3.0, 2.0, 1.0, 3.0
# What is added to a file that matches anyway: it was changed together with the focused one, has the same name in
# another folder, or lies in the same folder.
COMPANION, NAMESAKE, NEIGHBOUR = 2.0, 2.0, 0.5


@dataclass(slots=True)
class Tally:
    """What was found in the roots so far: files with their relevance, and in how many files each word stands."""

    scores: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    n_files: Counter[str] = field(default_factory=Counter)
    defined: set[str] = field(default_factory=set)
    companions: dict[str, float] = field(default_factory=dict)


class RootIndex:
    """One root; ``others`` have an index of their own.  Raises ``sqlite3.Error`` where the disk fails."""

    def __init__(self, root: str, file: Path | None, others: Collection[str], max_files: int) -> None:
        self.root = root
        self.is_capped = False
        self._file = file
        self._others, self._max_files = frozenset(others), max_files
        self._rules = IgnoreRules(Path(root))
        self._store = index_store.opened(file)
        self.n_files = self._store.n_files
        self._touched: dict[str, None] = {}
        self._scan: Iterator[None] | None = self._scanned()
        self._seen: set[int] = set()
        self._n_uncommitted = 0
        self._log = co_changes.parsed(self._store.note("log") or "")

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return self._scan is None and not self._touched

    def scan(self) -> None:
        """Looks at the whole root again: what is ignored may be another now, or much has changed at once."""
        self._rules = IgnoreRules(Path(self.root))
        self._scan = self._scanned()

    def touch(self, path: str) -> None:
        """A file changed on disk, or came, or went."""
        if os.path.basename(path) in ignore.RULE_FILES:  # noqa: PTH119 - paths are strings in this room's hot ways
            self.scan()
        self._touched[path] = None

    def step(self) -> bool:
        """Does a little of what there is to do; whether that was all."""
        if self._touched:
            self._look_at_touched()
        elif self._scan is not None:
            next(self._scan, None)
        if self.is_idle:
            self.commit()
        return self.is_idle

    def catch_up(self) -> bool:
        """Takes in what was touched last, where that is little: what was just saved is to be found at once."""
        for _ in range(min(len(self._touched), MAX_CAUGHT_UP)):
            self._look_at_touched()
        return True

    def commit(self) -> None:
        """Makes what was found last."""
        self._store.commit()
        self._n_uncommitted = 0

    def close(self) -> None:
        """Ends it, what was found kept."""
        try:
            self._store.commit()
        finally:
            self._store.close()

    # The git log.

    def wanted_head(self) -> str | None:
        """The commit whose log is not known yet; None when there is nothing to read."""
        git_dir = git.find_git_dir(Path(self.root))
        head = None if git_dir is None else git.head_state(git_dir).commit
        return None if head is None or head == self._store.note("head") else head

    def take_log(self, head: str, log: str) -> None:
        """Takes the log of a commit."""
        self._log = co_changes.parsed(log)
        self._store.write_note("log", log)
        self._store.write_note("head", head)
        self._store.commit()

    # Questions.

    def look_up(self, question: Question, open_files: Mapping[str, Terms], tally: Tally) -> None:
        """Adds what is known here; ``open_files`` are the files of this root that the editor holds, as they are now."""
        worths: dict[str, float] = {}
        for words, worth in (
            (question.removed, REMOVED),
            (question.called, CALLED),
            (question.kin, KIN),
            (question.added, ADDED),
        ):
            for word in filter(terms.is_word, words):
                worths.setdefault(word, worth)
        matches: dict[str, float] = defaultdict(float)
        for word, worth in worths.items():
            closed = [path for path in self._store.files_with_word(word) if path not in open_files]
            tally.n_files[word] += len(closed) + sum(word in one.words for one in open_files.values())
            self._match(matches, closed, worth)
        for shingle in question.shingles:
            closed = [path for path in self._store.files_with_shingle(shingle) if path not in open_files]
            self._match(matches, closed, SHINGLE)
        self._note_definitions(question, open_files, tally)
        companions = self._companions(question.focus)
        tally.companions.update((self._absolute(path), share) for path, share in companions.items())
        focus = self.relative(question.focus or "") if self.holds(question.focus or "") else None
        for path, score in matches.items():
            bonus = COMPANION * companions.get(path, 0.0) + (_kinship(path, focus) if focus is not None else 0.0)
            tally.scores[self._absolute(path)] = score + bonus

    def holds(self, path: str) -> bool:
        """Whether a path lies below the root."""
        return path.startswith(self.root.rstrip(os.sep) + os.sep)

    def relative(self, path: str) -> str:
        """A path below the root as the index has it."""
        return path.removeprefix(self.root).lstrip(os.sep).replace(os.sep, "/")

    def _match(self, matches: dict[str, float], paths: list[str], worth: float) -> None:
        """A term that stands in few files says more of each."""
        if len(paths) <= MAX_NAMED:
            for path in paths:
                matches[path] += worth / math.log2(2 + len(paths))

    def _note_definitions(self, question: Question, open_files: Mapping[str, Terms], tally: Tally) -> None:
        for word in filter(terms.is_word, {*question.removed, *question.called, *question.added}):
            # One more than there are open ones, so that a closed one is among them if there is any.
            defining = self._store.files_that_define(word, len(open_files) + 1)
            is_defined_closed = any(path not in open_files for path in defining)
            if is_defined_closed or any(word in one.definitions for one in open_files.values()):
                tally.defined.add(word)

    def _companions(self, focus: str | None) -> dict[str, float]:
        return self._log.companions(self.relative(focus)) if focus is not None and self.holds(focus) else {}

    def _absolute(self, path: str) -> str:
        return os.path.join(self.root, path.replace("/", os.sep))  # noqa: PTH118

    # Keeping it as the disk is.

    def _look_at_touched(self) -> None:
        path = next(iter(self._touched))
        del self._touched[path]
        self._look_at(path, walking.admitted(path, self._rules))

    def _scanned(self) -> Iterator[None]:
        """Walks the root, taking in what is new and forgetting what is gone."""
        if self._store.is_stale:
            self._store.clear()
        self._seen.clear()
        self.is_capped = False
        for sighting in walking.walk(self.root, self._rules, self._others):
            if len(self._seen) >= self._max_files:
                self.is_capped = True
                break
            self._look_at(sighting.path, sighting.stamp)
            yield
        self._store.keep_only(self._seen)
        self._seen.clear()
        self.n_files = self._store.n_files
        self._scan = None

    def _look_at(self, path: str, stamp: Stamp | None) -> None:
        """Brings what is known of a file up to date."""
        name = self.relative(path)
        known = self._store.stamp(name)
        if stamp is None:
            self._store.remove(name)
            self.n_files -= known is not None
            return
        if known is not None and known[1] == stamp:
            self._seen.add(known[0])
            return
        if known is None and self.n_files >= self._max_files:
            self.is_capped = True
            return
        text = files.read_text(Path(path))
        found = Terms() if isinstance(text, files.Refused) else terms.terms_of(text)
        # A file without terms is remembered too, so that it is not read at each start.
        self._seen.add(self._store.put(name, stamp, found))
        self.n_files += known is None
        self._n_uncommitted += 1
        if self._n_uncommitted >= COMMIT_FILES:
            self.commit()


def _kinship(path: str, focus: str) -> float:
    """What a file is to the focused one by its path."""
    (folder, _, name), (own_folder, _, own_name) = path.rpartition("/"), focus.rpartition("/")
    return NAMESAKE * (name == own_name) + NEIGHBOUR * (folder == own_folder)


def best(scores: Mapping[str, float], n_files: int) -> Iterable[str]:
    """The most relevant files, the best first."""
    return sorted(scores, key=lambda path: (-scores[path], path))[:n_files]
