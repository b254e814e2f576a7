"""Plots as SVG, for a page that loads nothing.

In: numbers and names.  Out: the text of an ``<svg>`` element; its colours are the page's CSS variables.
Not here: the page (``page``), the numbers (``report``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 16, 44
# Pixels of a bar's row, with the gap to the next.
_ROW, _GROUP_GAP = 14, 12
_LABEL_WIDTH = 120
# Bars of a histogram: four for each factor of ten.
_BINS_PER_DECADE = 4


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve, with words for whoever points at it."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A share with its interval, where there is one."""

    value: float
    low: float | None
    high: float | None
    words: str


def curves(series: Mapping[str, Sequence[Dot]], marks: Mapping[str, Dot], x_name: str, y_name: str) -> str:
    """Shares over shares, one line a series; ``marks`` are set off on the lines."""
    x_max = _ceiling(max((dot.x for dots in series.values() for dot in dots), default=1.0))
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(dot: Dot) -> tuple[float, float]:
        return LEFT + dot.x / x_max * plot_width, TOP + (1 - dot.y) * plot_height

    parts = list(_grid(x_max, x_name, y_name))
    for index, (name, dots) in enumerate(series.items()):
        if dots:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, dots))
            parts.append(f'<polyline class="line s{index}" points="{points}"><title>{escape(name)}</title></polyline>')
            parts += [_dot(*at(dot), 2.5, f"point s{index}", f"{name}: {dot.words}") for dot in dots]
        if name in marks:
            parts.append(_dot(*at(marks[name]), 6, f"mark s{index}", f"{name}: {marks[name].words}"))
    return _svg(WIDTH, HEIGHT, parts, f"{y_name} over {x_name}")


def bars(groups: Mapping[str, Mapping[str, Bar]], name: str) -> str:
    """Shares as bars, grouped; the whiskers are the intervals."""
    n_rows = sum(map(len, groups.values()))
    height = TOP + n_rows * _ROW + len(groups) * _GROUP_GAP + BOTTOM
    plot_width = WIDTH - _LABEL_WIDTH - RIGHT
    parts: list[str] = []
    for percent in range(0, 101, 25):
        x = _LABEL_WIDTH + percent / 100 * plot_width
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{height - BOTTOM}"/>')
        parts.append(_text(x, height - BOTTOM + 16, f"{percent} %", "middle"))
    y = float(TOP)
    for group, found in groups.items():
        parts.append(_text(_LABEL_WIDTH - 8, y + len(found) * _ROW / 2 + 4, group, "end"))
        for index, (series, bar) in enumerate(found.items()):
            parts += _bar(y, index, plot_width, f"{group}, {series}: {bar.words}", bar)
            y += _ROW
        y += _GROUP_GAP
    return _svg(WIDTH, height, parts, name)


def histogram(values: Sequence[float], marks: Mapping[str, float], name: str, unit: str) -> str:
    """How often values of each size come, on a logarithmic scale; ``marks`` are lines across."""
    positive = [value for value in values if value > 0]
    if not positive:
        return _svg(WIDTH, HEIGHT, [_text(WIDTH / 2, HEIGHT / 2, "nothing was measured", "middle")], name)
    first, last = (math.floor(_BINS_PER_DECADE * math.log10(extreme)) for extreme in (min(positive), max(positive)))
    counts = [0] * (last - first + 1)
    for value in positive:
        counts[math.floor(_BINS_PER_DECADE * math.log10(value)) - first] += 1
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    bin_width = plot_width / len(counts)
    parts = [f'<line class="axis" x1="{LEFT}" y1="{TOP + plot_height}" x2="{WIDTH - RIGHT}" y2="{TOP + plot_height}"/>']
    for index, count in enumerate(counts):
        low, high = (10 ** ((first + index + step) / _BINS_PER_DECADE) for step in (0, 1))
        size = count / max(counts) * plot_height
        x, y = LEFT + index * bin_width, TOP + plot_height - size
        words = f"{low:.3g} to {high:.3g} {unit}: {count}"
        parts.append(
            f'<rect class="bar s0" x="{x + 1:.1f}" y="{y:.1f}" width="{max(1.0, bin_width - 2):.1f}"'
            f' height="{size:.1f}"><title>{escape(words)}</title></rect>'
        )
        if (first + index) % _BINS_PER_DECADE == 0:
            parts.append(_text(x, HEIGHT - BOTTOM + 16, f"{low:g}", "middle"))
    for words, value in marks.items():
        x = LEFT + (_BINS_PER_DECADE * math.log10(value) - first) * bin_width
        parts.append(f'<line class="rule" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + plot_height}"/>')
        parts.append(_text(x + 4, TOP + 10, words, "start"))
    parts.append(_text(LEFT + plot_width / 2, HEIGHT - 8, f"{name} ({unit})", "middle"))
    return _svg(WIDTH, HEIGHT, parts, name)


def legend(names: Iterable[str]) -> str:
    """The names of the series with their colours, as HTML."""
    items = (f'<span class="key"><i class="s{i}"></i>{escape(name)}</span>' for i, name in enumerate(names))
    return f'<p class="legend">{"".join(items)}</p>'


def _grid(x_max: float, x_name: str, y_name: str) -> Iterable[str]:
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    for step in range(5):
        y = TOP + (1 - step / 4) * plot_height
        yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
        yield _text(LEFT - 8, y + 4, f"{25 * step} %", "end")
        yield _text(LEFT + step / 4 * plot_width, HEIGHT - BOTTOM + 16, f"{25 * step * x_max:.3g} %", "middle")
    yield _text(LEFT + plot_width / 2, HEIGHT - 8, x_name, "middle")
    turned = f"translate(12 {TOP + plot_height / 2:.0f}) rotate(-90)"
    yield f'<text transform="{turned}" text-anchor="middle">{escape(y_name)}</text>'


def _bar(y: float, index: int, plot_width: float, words: str, bar: Bar) -> list[str]:
    middle = y + (_ROW - 2) / 2
    parts = [
        f'<rect class="bar s{index}" x="{_LABEL_WIDTH}" y="{y:.1f}" width="{bar.value * plot_width:.1f}"'
        f' height="{_ROW - 2}"><title>{escape(words)}</title></rect>'
    ]
    if bar.low is not None and bar.high is not None:
        low, high = (_LABEL_WIDTH + share * plot_width for share in (bar.low, bar.high))
        parts.append(f'<line class="whisker" x1="{low:.1f}" y1="{middle:.1f}" x2="{high:.1f}" y2="{middle:.1f}"/>')
    return parts


def _dot(x: float, y: float, radius: float, kind: str, words: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"><title>{escape(words)}</title></circle>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(width: int, height: int, parts: Iterable[str], name: str) -> str:
    body = "".join(parts)
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(name, quote=True)}">{body}</svg>'


def _ceiling(share: float) -> float:
    """The next round share."""
    return next((limit for limit in (0.1, 0.2, 0.4, 0.6, 0.8) if share <= limit), 1.0)
