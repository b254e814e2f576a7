"""Curves of a run as an SVG file for the documentation.

In: the lines of ``log.jsonl``.  Out: the text of an SVG.
Not here: which runs are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 32, 44
COLOURS = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#475569")
N_TICKS = 5

Point = tuple[float, float]


def losses(log: Iterable[Mapping[str, Any]]) -> str:
    """The loss of the answers by tokens seen, in training and on each held-out lesson."""
    series: dict[str, list[Point]] = {}
    for line in log:
        if "answer_loss" in line:
            name = line.get("held_out", "training")
            series.setdefault(name, []).append((line["tokens"] / 1e6, line["answer_loss"]))
    return drawn(series, "Loss of the answers", "million tokens", "nats a token")


def answers(log: Iterable[Mapping[str, Any]], held_out: str) -> str:
    """The share of answers of a held-out lesson that are right altogether, by kind of question."""
    series: dict[str, list[Point]] = {}
    for line in log:
        if line.get("held_out") == held_out:
            for kind, rates in line["kinds"].items():
                series.setdefault(kind, []).append((line["tokens"] / 1e6, 100 * rates["whole"]))
    return drawn(series, f"Answers right altogether: {held_out}", "million tokens", "%")


def drawn(series: Mapping[str, Sequence[Point]], title: str, x_name: str, y_name: str) -> str:
    """Lines with a legend at their right; both axes begin at 0."""
    points = [point for line in series.values() for point in line]
    x_max = max((x for x, _ in points), default=1.0) or 1.0
    y_max = max((y for _, y in points), default=1.0) or 1.0
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(point: Point) -> str:
        return f"{LEFT + point[0] / x_max * width:.1f},{TOP + height - point[1] / y_max * height:.1f}"

    parts = [_text(LEFT, TOP - 12, title, "start", 14)]
    for tick in range(N_TICKS + 1):
        share = tick / N_TICKS
        y, x = TOP + height * (1 - share), LEFT + width * share
        parts.append(f'<path d="M{LEFT} {y:.1f}H{LEFT + width}" stroke="#8884" />')
        parts.append(_text(LEFT - 6, y + 4, f"{share * y_max:.3g}", "end"))
        parts.append(_text(x, TOP + height + 16, f"{share * x_max:.3g}", "middle"))
    parts.append(_text(LEFT + width / 2, HEIGHT - 8, x_name, "middle"))
    parts.append(_text(LEFT + width + 8, TOP - 12, y_name, "start"))
    for number, (name, line) in enumerate(sorted(series.items())):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(map(place, line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5" />')
        parts += [f'<circle cx="{x}" cy="{y}" r="2" fill="{colour}" />' for x, y in (place(p).split(",") for p in line)]
        parts.append(_text(LEFT + width + 12, TOP + 18 * (number + 1), name, "start", 12, colour))
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    return f"{head}\n<title>{escape(title)}</title>\n{body}\n</svg>\n"


def _text(x: float, y: float, words: str, anchor: str, size: int = 11, colour: str = "#64748b") -> str:
    style = f'text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
