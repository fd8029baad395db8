"""The figures of simulated companies: every line beside the truth and what came, and how often the limits held."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from value_parts.judged import errors, mean_and_error, won

from crmlab.value.to_come.forecast import Z

LINES = ("value", "first_light", "last_year", "mean_retained")
PARTS = ("contracts", "replacements", "own", "tickets")
"""contracts: current and renewals; own: purchases and paid repairs."""
TRUE = ["profit", "profit_sd", "profit_error", "realised"]


class Company(NamedTuple):
    """Of one company: a row per customer of what was stated, what is true and what came, and its sums, all in yuan."""

    customers: pd.DataFrame
    total: dict[str, float]


def judged(found: list[Company]) -> dict[str, Any]:
    """The figures of all companies, each weighing the same."""
    each = [figures(one) for one in found]
    rows = pd.DataFrame([row for row, _ in each])
    lines = {line: pd.DataFrame([by_line[line] for _, by_line in each]) for line in LINES}
    customers = pd.concat([one.customers for one in found], ignore_index=True)
    customers["held"], customers["held_plain"] = holds(customers), holds(customers, "plain_")
    still = customers[~customers.standing.isin(["left", "nothing"])]
    spread = {
        name: mean_and_error(rows[name])
        for name in rows.columns.drop(["company", "total_held", "total_held_plain"])
    }
    share = spread["spearman_share"]["mean"]
    return {
        "companies": len(found),
        "spearman": spread["spearman"]["mean"],
        "spearman_truth": spread["spearman_truth"]["mean"],
        "spearman_share": share,
        "spearman_share_error": spread["spearman_share"]["error"],
        "spearman_with_truth": spread["spearman_with_truth"]["mean"],
        "spearman_first_light": float(lines["first_light"].spearman.mean()),
        "spearman_last_year": float(lines["last_year"].spearman.mean()),
        "spearman_mean_retained": float(lines["mean_retained"].spearman.mean()),
        "bias": spread["bias"]["mean"],
        "bias_error": spread["bias"]["error"],
        "bias_realised": spread["bias_realised"],
        "bias_discounted": spread["bias_discounted"],
        "bias_by_part": {part: spread[f"bias_{part}"] for part in PARTS},
        "coverage90": float(still.held.mean()),
        "coverage90_all": float(customers.held.mean()),
        "coverage90_plain": float(still.held_plain.mean()),
        "coverage90_by_standing": by_standing(customers),
        "coverage90_total": {
            "n": len(rows),
            "share": float(rows.total_held.mean()),
            "share_plain": float(rows.total_held_plain.mean()),
        },
        "total_z": spread_of(rows.total_z),
        "total_z_plain": spread_of(rows.total_z_plain),
        "stretch": {side: spread[f"stretch_{side}"]["mean"] for side in ("below", "above")},
        "lines": {line: line_figures(lines, line) for line in LINES},
        "tenths": tenths(customers),
        "by_company": rows.set_index("company").to_dict("index"),
    }


def holds(customers: pd.DataFrame, which: str = "") -> pd.Series:
    """Whether what came lies within the limits, which are printed in hundredths; `plain_`: before they are stretched."""
    low, high = customers[f"{which}low"], customers[f"{which}high"]
    return (customers.realised >= low - 0.01) & (customers.realised <= high + 0.01)


def spread_of(z: pd.Series) -> dict[str, float]:
    """Mean and standard deviation; of sums whose limits are right, 0 and 1."""
    return {"mean": float(z.mean()), "sd": float(z.std(ddof=1))}


def figures(one: Company) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Of one company: its figures, and those of each line."""
    rows, total = one.customers, one.total
    ranks = rows[["value", "profit", "realised"]].rank().corr()
    true, came = rows.profit.sum(), rows.realised.sum()
    still = ~rows.standing.isin(["left", "nothing"])
    stated = rows.value.sum()
    sums = {}
    for which, name in {"": "", "plain_": "_plain"}.items():
        low, high = total[f"{which}low"], total[f"{which}high"]
        sums[f"total_held{name}"] = bool(low <= came <= high)
        sums[f"total_z{name}"] = float(came - stated) / ((high - low) / 2 / Z) if high > low else np.nan
    own = {
        "company": total["company"],
        "spearman": ranks.loc["value", "realised"],
        "spearman_truth": ranks.loc["profit", "realised"],
        "spearman_share": ranks.loc["value", "realised"] / ranks.loc["profit", "realised"],
        "spearman_with_truth": ranks.loc["value", "profit"],
        "bias": rows.value.sum() / true - 1,
        "bias_realised": rows.value.sum() / came - 1,
        "bias_discounted": total["discounted"],
        **{f"bias_{part}": (rows[part].sum() - rows[f"true_{part}"].sum()) / true for part in PARTS},
        "coverage": holds(rows)[still].mean(),
        "coverage_plain": holds(rows, "plain_")[still].mean(),
        "stretch_below": total["stretch_below"],
        "stretch_above": total["stretch_above"],
        "missed": total["missed"],
        "stated": stated,
        "low": total["low"],
        "high": total["high"],
        "true": true,
        "true_error": float(np.sqrt((rows.profit_error**2).sum())),
        "realised": came,
        **sums,
    }
    plain = {name: value if isinstance(value, int | bool) else float(value) for name, value in own.items()}
    return plain, errors(rows, LINES, "realised")


def line_figures(lines: dict[str, pd.DataFrame], line: str) -> dict[str, Any]:
    """Means over companies, and by how much the value is better, companies paired."""
    found: dict[str, Any] = {name: float(lines[line][name].mean()) for name in ("mae", "spearman", "bias")}
    if line == "value":
        return found
    less = lines[line].mae - lines["value"].mae
    gain = mean_and_error(less)
    ranks = mean_and_error(lines["value"].spearman - lines[line].spearman)
    return found | {
        "gain": gain["mean"],
        "gain_error": gain["error"],
        "companies_won": int((less > 0).sum()),
        "said": won(gain),
        "spearman_gain": ranks["mean"],
        "spearman_gain_error": ranks["error"],
    }


def by_standing(customers: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Coverage of each kind of customer, and how many lay below and above; and what was stated, true and came per customer."""
    found = {}
    for standing, rows in customers.groupby("standing"):
        found[standing] = {
            "n": len(rows),
            "coverage": float(rows.held.mean()),
            "coverage_plain": float(rows.held_plain.mean()),
            "below": float((rows.realised < rows.low - 0.01).mean()),
            "above": float((rows.realised > rows.high + 0.01).mean()),
            "stated": float(rows.value.mean()),
            "true": float(rows.profit.mean()),
            "realised": float(rows.realised.mean()),
            **{f"stated_{part}": float(rows[part].mean()) for part in PARTS},
            **{f"true_{part}": float(rows[f"true_{part}"].mean()) for part in PARTS},
        }
    return found


def tenths(customers: pd.DataFrame) -> dict[str, list[float]]:
    """Tenths of the customers of each company by their stated value: means, in yuan, and coverage."""
    by = customers.groupby("company").value
    tenth = np.ceil(10 * by.rank(method="first") / by.transform("size")).astype(int)
    means = customers.groupby(tenth)[["value", "profit", "realised", "held"]].mean()
    return (
        means.rename(columns={"value": "stated", "profit": "true", "held": "coverage"})
        .round(4)
        .to_dict("list")
    )


def say(found: dict[str, Any]) -> None:
    """The figures as tables."""
    print(pd.DataFrame(found["lines"]).T.to_string(na_rep="–"))
    print(pd.DataFrame(found["coverage90_by_standing"]).T.round(3).to_string())
    print(pd.DataFrame(found["tenths"]).round(3).to_string())
    print(pd.DataFrame(found["by_company"]).T.astype(float).round(3).to_string())
    print(f"bias by part, over profit: {found['bias_by_part']}")
    print(
        f"rank correlation {found['spearman']:.3f} of {found['spearman_truth']:.3f}: {found['spearman_share']:.3f} (at least .95); "
        f"bias {found['bias']:+.3f} ± {found['bias_error']:.3f} (within .05), over what came {found['bias_realised']['mean']:+.3f}, "
        f"discounted {found['bias_discounted']['mean']:+.3f}"
    )
    total = found["coverage90_total"]
    print(
        f"90 % limits hold: per customer {found['coverage90']:.3f}, before they are stretched {found['coverage90_plain']:.3f}, "
        f"with those surely gone {found['coverage90_all']:.3f}; totals {total['share']:.3f}, before {total['share_plain']:.3f}, "
        f"of {total['n']} (.87-.93)"
    )
