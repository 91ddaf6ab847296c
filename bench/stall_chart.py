"""The chart of bench/stall.py as SVG, for light pages and for dark ones."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from typing import Any

THEMES = {
    "light": {
        "text": "#1f2328",
        "faint": "#59636e",
        "grid": "#d1d9e0",
        "bad": "#cf222e",
        "good": "#1a7f37",
    },
    "dark": {
        "text": "#f0f6fc",
        "faint": "#9198a1",
        "grid": "#3d444d",
        "bad": "#ff7b72",
        "good": "#3fb950",
    },
}
KINDS = (("unsafe", "bad", "as written"), ("safe", "good", "after its fix"))
WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 860, 210, 150, 64, 58, 18
FONT = "font-family='system-ui, -apple-system, Segoe UI, sans-serif'"


def write_charts(found: dict[str, Any], folder: Path) -> None:
    """Write stall-light.svg and stall-dark.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme, colors in THEMES.items():
        (folder / f"stall-{theme}.svg").write_text(chart(found, colors), encoding="utf-8")


def chart(found: dict[str, Any], colors: dict[str, str]) -> str:
    """Bars of the longest wait of a write, before and after the fix."""
    rules, about = found["rules"], found["about"]
    most = max(runs[kind]["longest_write"] for runs in rules.values() for kind in runs)
    bottom = TOP + ROW * len(rules)
    title = f"The longest that a write waits while {about['rows']:,} rows are migrated"
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {bottom + 30}' {FONT} "
        f"role='img' aria-label='{escape(title)}'>",
        _text(16, 26, title, colors["text"], 17, "600"),
        _text(
            16,
            46,
            f"PostgreSQL {about['postgresql']}, four writers and a reader; an example of each rule",
            colors["faint"],
            13,
        ),
    ]
    for tick in _ticks(most):
        x = _x(tick, most)
        lines.append(f"<path d='M{x:.1f} {TOP}V{bottom}' stroke='{colors['grid']}'/>")
        lines.append(_text(x, bottom + 18, _time(tick), colors["faint"], 12, anchor="middle"))
    for number, (rule, runs) in enumerate(rules.items()):
        top = TOP + ROW * number + 8
        lines.append(_text(LEFT - 12, top + BAR + 5, rule, colors["text"], 14, anchor="end"))
        for row, (kind, color, words) in enumerate(KINDS):
            value = runs[kind]["longest_write"]
            y, end = top + row * (BAR + 3), _x(value, most)
            lines.append(
                f"<rect x='{LEFT}' y='{y}' width='{max(2.0, end - LEFT):.1f}' height='{BAR}' "
                f"rx='2' fill='{colors[color]}'/>"
            )
            label = f"{_time(value)} {words}"
            lines.append(_text(max(end, LEFT + 2) + 8, y + 14, label, colors["text"], 13))
    return "\n".join([*lines, "</svg>", ""])


def _x(milliseconds: float, most: float) -> float:
    return LEFT + milliseconds / most * (WIDTH - LEFT - RIGHT)


def _ticks(most: float) -> list[float]:
    """Four or so round numbers, from 0 on."""
    step = 10 ** math.floor(math.log10(most))
    step = next(each for each in (step / 5, step / 2, step, step * 2) if most / each <= 5)
    return [step * number for number in range(int(most / step) + 1)]


def _time(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s".replace(".0 s", " s")
    return f"{milliseconds:.0f} ms" if milliseconds else "0"


def _text(
    x: float, y: float, text: str, color: str, size: int, weight: str = "400", anchor: str = "start"
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' fill='{color}' font-size='{size}' font-weight='{weight}' "
        f"text-anchor='{anchor}'>{escape(text)}</text>"
    )
