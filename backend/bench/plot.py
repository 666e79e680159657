"""A small drawing of time against size, both by powers of ten, with the straight line beside it."""

from collections.abc import Sequence
from math import ceil, floor, log10

_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 400, 72, 24
_INNER_WIDTH, _INNER_HEIGHT = 540, 320


def linearity(points: Sequence[tuple[int, float]]) -> str:
    """An SVG of (comments, seconds); the dashed line is proportional to the last point."""
    xs = [log10(size) for size, _ in points]
    ys = [log10(seconds) for _, seconds in points]
    x_low, x_high = _decades(xs)
    y_low, y_high = _decades(ys)

    def at(x: float, y: float) -> str:
        across = _LEFT + _INNER_WIDTH * (x - x_low) / (x_high - x_low)
        down = _TOP + _INNER_HEIGHT * (y_high - y) / (y_high - y_low)
        return f"{across:.1f},{down:.1f}"

    # The proportional line has slope one; it begins where it enters the frame.
    begin = max(x_low, xs[-1] - (ys[-1] - y_low))
    ideal = f"{at(begin, ys[-1] - (xs[-1] - begin))} {at(xs[-1], ys[-1])}"
    own = " ".join(at(x, y) for x, y in zip(xs, ys, strict=True))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="13">',
        "<title>Seconds by number of comments</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for power in range(x_low, x_high + 1):
        x, y = at(power, y_low).split(",")
        parts.append(f'<path d="M{x} {_TOP}V{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{float(y) + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(y_low, y_high + 1):
        x, y = at(x_low, power).split(",")
        parts.append(f'<path d="M{x} {y}h{_INNER_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{float(x) - 8}" y="{y}" text-anchor="end">{10.0**power:g} s</text>')
    parts.append(f'<polyline points="{ideal}" fill="none" stroke="#888" stroke-dasharray="5 4"/>')
    parts.append(f'<polyline points="{own}" fill="none" stroke="#1d70b8" stroke-width="2"/>')
    for point, (size, seconds) in zip(own.split(), points, strict=True):
        x, y = point.split(",")
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="4" fill="#1d70b8"><title>{size:,}: {seconds:.1f} s'
            "</title></circle>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = floor(min(values)), ceil(max(values))
    return low, max(high, low + 1)
