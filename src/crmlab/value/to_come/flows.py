"""From flows by month to present values: means by part, and the distribution of their sum over how long a customer stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

CHUNK = 16_384


class Part(NamedTuple):
    """What one source brings (costs are negative) while a customer stays: customers × years, and its own variation over them all.

    mean : a year's sum. variance, third : cumulants of the sum over all these years, given that the customer stays. after : share of the
    flow that goes on once the customer has left, one number each.
    """

    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray
    after: np.ndarray


class Present(NamedTuple):
    """Present value: mean by part, and mean, variance and third cumulant of the sum, one number per customer each."""

    parts: dict[str, np.ndarray]
    variances: dict[str, np.ndarray]
    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray


def present(
    in_force: np.ndarray,
    monthly: Mapping[str, np.ndarray],
    parts: Mapping[str, Part],
    annual_discount: float,
) -> Present:
    """Value of everything to come.

    Parameters
    ----------
    in_force : (customers, months), P(still a customer) in each month; falls with the months.
    monthly : flows by month while in force, without variation of their own (contracts).
    parts : flows by year while in force.
    annual_discount : interest a year; a month counts at its middle.
    """
    n, months = in_force.shape
    found = [
        _chunk(
            in_force[i : i + CHUNK],
            {name: flow[i : i + CHUNK] for name, flow in monthly.items()},
            {
                name: Part(
                    p.mean[i : i + CHUNK],
                    p.variance[i : i + CHUNK],
                    p.third[i : i + CHUNK],
                    p.after[i : i + CHUNK],
                )
                for name, p in parts.items()
            },
            (1 + annual_discount) ** (-(np.arange(1, months + 1) - 0.5) / 12),
        )
        for i in range(0, max(n, 1), CHUNK)
    ]
    names = [*monthly, *parts]
    return Present(
        {name: np.concatenate([f.parts[name] for f in found]) for name in names},
        {name: np.concatenate([f.variances[name] for f in found]) for name in names},
        *(np.concatenate([f[k] for f in found]) for k in (2, 3, 4)),
    )


def _chunk(
    in_force: np.ndarray, monthly: Mapping[str, np.ndarray], parts: Mapping[str, Part], discount: np.ndarray
) -> Present:
    n, months = in_force.shape
    # Stays through exactly t months, t = 0 … months.
    leaves = -np.diff(np.column_stack([np.ones(n), in_force, np.zeros(n)]), axis=1)
    leaves = np.maximum(leaves, 0)
    means, variances = {}, {}
    total = np.zeros((n, months + 1))
    noise = np.zeros((n, months + 1))
    third = np.zeros((n, months + 1))
    for name, flow in monthly.items():
        until = np.column_stack([np.zeros(n), np.cumsum(flow * discount, axis=1)])
        means[name] = (leaves * until).sum(1)
        variances[name] = np.maximum((leaves * until**2).sum(1) - means[name] ** 2, 0)
        total += until
    stayed = np.arange(months + 1)[None, :] / months
    middle = float(discount.mean())
    for name, part in parts.items():
        flow = np.repeat(part.mean / 12, 12, axis=1)[:, :months] * discount
        whole = flow.sum(1)
        until = np.column_stack([np.zeros(n), np.cumsum(flow, axis=1)])
        after = part.after[:, None]
        until = until + after * (whole[:, None] - until)
        # Of whole years, of which the horizon may hold less.
        kept = (stayed + after * (1 - stayed)) * (months / (12 * part.mean.shape[1]))
        means[name] = (leaves * until).sum(1)
        own = part.variance[:, None] * middle**2 * kept
        variances[name] = np.maximum((leaves * (until**2 + own)).sum(1) - means[name] ** 2, 0)
        total = total + until
        noise += own
        third += part.third[:, None] * middle**3 * kept
    mean = (leaves * total).sum(1)
    away = total - mean[:, None]
    return Present(
        means,
        variances,
        mean,
        (leaves * (away**2 + noise)).sum(1),
        (leaves * (away**3 + 3 * away * noise + third)).sum(1),
    )
