import json
import lzma
from pathlib import Path

import pytest

from nextedit_lsp.evaluation.episodes import OWN_EPISODES, EpisodeError, Filter, as_line, parsed, read, sampled
from tests.evaluation.stand_ins import episode, fields


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "x:7: not JSON"),
        ('{"repo": "a/b", "commit": "0"}', "x:7: the field 'files' is missing"),
        (json.dumps(fields(("a", "1\n2", [(3, 0, ["3"])]))), "x:7: a: the hunk at line 3 is not in a file of 2 lines"),
        (json.dumps(fields(("a", "1\n2", [(0, 2, []), (1, 1, [])]))), "x:7: a: the hunk at line 1 overlaps"),
        (json.dumps(fields(("a", "1\n2", []))).replace('"1\\n2"', "12"), "x:7: expected str, found '12'"),
    ],
)
def test_bad_line_is_named(line: str, message: str) -> None:
    with pytest.raises(EpisodeError) as error:
        parsed(line, "x:7")
    assert str(error.value).startswith(message)


def test_hunk_that_changes_nothing_is_left_out() -> None:
    assert episode("a\nb", (0, 1, ["A"]), (1, 1, ["b"])).n_hunks == 1


def test_reads_compressed_files_and_filters(tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl.xz"
    with lzma.open(path, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(fields(("a", "\u2028", []))) + "\n")
    assert [found.id for found in read([path], Filter())] == ["some/repo@0123456789ab"]
    assert list(read([path], Filter(languages=("text",))))
    assert not list(read([path], Filter(languages=("go",))))
    assert not list(read([path], Filter(repos=("other/repo",))))


def test_sample_is_repeatable_ordered_and_grows() -> None:
    few, more = sampled(range(100), 10, seed=1), sampled(range(100), 20, seed=1)
    assert few == sorted(few) == sampled(range(100), 10, seed=1)
    assert set(few) < set(more)
    assert sampled(range(3), None, seed=1) == [0, 1, 2]


def test_own_episodes_are_sound() -> None:
    own = list(read([OWN_EPISODES], Filter()))
    assert len({found.id for found in own}) == len(own) == 43
    assert all(found.n_hunks for found in own)
    notice = OWN_EPISODES.with_name("NOTICE").read_text(encoding="utf-8")
    assert all(found.commit[:12] in notice for found in own if found.repo != "nextedit/own")


def test_episode_survives_being_written() -> None:
    for one in read([OWN_EPISODES], Filter()):
        assert parsed(as_line(one), "again:1") == one
