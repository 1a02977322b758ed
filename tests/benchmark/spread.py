"""Figures from many samples, and one summary from many runs."""

import statistics


def spread(seconds):
    """Percentiles of some durations, in milliseconds."""
    ordered = sorted(seconds)

    def at(share):
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3)

    return {
        "n": len(ordered),
        "p50_ms": at(0.50),
        "p99_ms": at(0.99),
        "p99_9_ms": at(0.999),
        "max_ms": round(ordered[-1] * 1000, 3),
    }


def ratio(ours, theirs):
    """One over the other; None where there is nothing to compare with."""
    return round(ours / theirs, 3) if theirs else None


def over_runs(runs):
    """For every figure its least, median and most over all runs; what is no number stays as first said."""
    first = runs[0]
    if isinstance(first, dict):
        return {name: over_runs([run[name] for run in runs if name in run]) for name in first}
    numbers = [run for run in runs if isinstance(run, int | float) and not isinstance(run, bool)]
    if len(numbers) != len(runs):
        return first if all(run == first for run in runs) else runs
    if min(numbers) == max(numbers):
        return first
    return {"min": min(numbers), "median": round(statistics.median(numbers), 3), "max": max(numbers)}
