"""How sure a share is."""

from math import sqrt

_Z = 1.959963984540054


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927), to four decimals; (0, 0) of none."""
    if total <= 0:
        return 0.0, 0.0
    share = count / total
    spread = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    centre, scale = share + _Z**2 / (2 * total), 1 + _Z**2 / total
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return round(max(low, 0.0), 4), round(min(high, 1.0), 4)
