"""How the proofs say what they saw."""

import sys
from collections.abc import Iterable, Sequence


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def milliseconds(seconds: Sequence[float]) -> str:
    """Return median, 99th percentile and worst, as a reader of a table wants them."""
    middle, late, worst = percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds)
    return f"p50 {middle * 1e3:.1f} ms, p99 {late * 1e3:.1f} ms, worst {worst * 1e3:.0f} ms"


def say(**figures: object) -> None:
    """Print one line of figures; seen with `pytest -s`."""
    told = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
    sys.stdout.write(f"\n  {told}\n")
    sys.stdout.flush()
