"""The tables of failure rates, growing causes, emerging failures and lives of parts."""

from __future__ import annotations

from crmlab.tables import Column, Table

_PART = "part replaced; the recorded cause where no ticket says which parts it used (by_cause)"
_BY_CAUSE = Column(
    "by_cause", "flag", "part holds recorded causes, because no ticket says which parts it used"
)
_YEARS = "years in service while under observation, over all its machines"
ALL = "all"
"""Stands where a row is not split by family, serial numbers or installation."""

RATES = Table(
    "rates",
    "故障率",
    "One row per part and machine family in service: failures per machine-year.",
    ("part", "machine_family"),
    (
        Column("part", "label", _PART),
        Column("machine_family", "label", "first four characters of the model"),
        Column("n", "count", "failures; duplicate calls about one incident count once"),
        Column("machine_years", "number", _YEARS, unit="a"),
        Column("rate", "number", "n / machine_years"),
        Column("low", "number", "lower end of the 95 % interval of rate (exact Poisson, Garwood)"),
        Column("high", "number", "upper end of it"),
        Column("shrunk", "number", "rate drawn towards the part's mean over families (gamma-Poisson)"),
        _BY_CAUSE,
    ),
)

FAILING_PARTS = Table(
    "failing_parts",
    "整车档案",
    "One row per machine model and part that failed on it, the most frequent first.",
    ("machine_model", "rank"),
    (
        Column("machine_model", "label", "model of the machine"),
        Column("rank", "count", "1 for the part that failed most often"),
        Column("part", "label", _PART),
        Column("n", "count", "failures; duplicate calls about one incident count once"),
        Column("share", "number", "n, of all failures of parts of this model"),
        Column("machine_years", "number", _YEARS + "; missing where none is known", unit="a"),
        Column("rate", "number", "failures per machine-year; missing where there are none"),
        Column("low", "number", "lower end of the 95 % interval of rate (exact Poisson, Garwood)"),
        Column("high", "number", "upper end of it"),
        _BY_CAUSE,
    ),
)

EMERGING = Table(
    "emerging",
    "新增故障预警",
    "One row per alarm: a cause that came more often than expected in a family, or in a production group of it.",
    ("cause", "machine_family", "first_alarm"),
    (
        Column("cause", "label", "recorded cause"),
        Column("machine_family", "label", "first four characters of the model"),
        Column(
            "serial_prefix",
            "label",
            f'first characters of the serial numbers, where surest; "{ALL}": not split by them',
        ),
        Column("installed_half", "label", f'half-year of installation, 2023H2; "{ALL}": not split by it'),
        Column("first_alarm", "label", "month at whose end it was first seen, in whichever group, 2024-07"),
        Column("last_alarm", "label", "month at whose end it was last seen"),
        Column("peak", "label", "month at whose end it was surest; the figures that follow are of then"),
        Column("n", "count", "failures in the three months up to peak; a machine's repeats count once"),
        Column("n_machines", "count", "machines among them; tickets where no serial number is known"),
        Column("expected", "number", "failures expected in these months"),
        Column("ratio", "number", "n / expected"),
        Column("low", "number", "lower end of the 95 % interval of ratio (exact Poisson, Garwood)"),
        Column("high", "number", "upper end of it"),
        Column(
            "q_value",
            "number",
            "share of false alarms to be expected among all at least as sure in these months",
        ),
        Column("is_on", "flag", "still an alarm at the end of the last complete month"),
    ),
)

LIFE = Table(
    "life",
    "部件寿命",
    "One row per part, family and number of years: the share of parts that have not failed by then (Kaplan-Meier).",
    ("part", "machine_family", "years"),
    (
        Column("part", "label", _PART),
        Column(
            "machine_family", "label", f'first four characters of the model; "{ALL}": all of them together'
        ),
        Column("years", "count", "since installation, or since the part was last replaced", unit="a"),
        Column("survival", "number", "share without a failure by then; missing beyond what was observed"),
        Column("low", "number", "lower end of its 95 % interval"),
        Column("high", "number", "upper end of it"),
        Column("at_risk", "count", "machines observed at that age of the part"),
        Column("n_failures", "count", "failures the curve rests on"),
        Column("n_lives", "count", "lives of parts, ended or not, it rests on"),
        _BY_CAUSE,
    ),
)

LIFE_CURVES = Table(
    "life_curves",
    "部件寿命曲线",
    "At most forty points of each life curve, for drawing.",
    ("part", "machine_family", "day"),
    (
        Column("part", "label", _PART),
        Column(
            "machine_family", "label", f'first four characters of the model; "{ALL}": all of them together'
        ),
        Column("day", "count", "days since installation, or since the part was last replaced", unit="d"),
        Column("at_risk", "count", "machines observed at that age of the part"),
        Column("survival", "number", "share without a failure by that day"),
        Column("low", "number", "lower end of its 95 % interval"),
        Column("high", "number", "upper end of it"),
    ),
)

GROWTH = Table(
    "growth",
    "原因增减",
    "One row per cause seen in the newest three complete months or in the same months a year before.",
    ("cause",),
    (
        Column("cause", "label", "recorded cause; a ticket with two causes counts for both"),
        Column("n_now", "count", "tickets with it in the newest three complete months"),
        Column("n_before", "count", "tickets with it in the same months a year before"),
        Column("share_now", "number", "n_now, of the tickets with a cause in these months"),
        Column("share_before", "number", "n_before, of those a year before"),
        Column("z", "number", "difference of the shares in standard errors; positive where the share grew"),
    ),
)

AFFECTED = Table(
    "affected",
    "受影响客户",
    "One row per growing fault and customer: who reported it in the newest three complete months, or has the machines it is on.",
    ("cause", "machine_family", "serial_prefix", "installed_half", "customer_id"),
    (
        Column("cause", "label", "recorded cause, whose alarm is still on or whose share grew beyond chance"),
        Column(
            "machine_family", "label", f'the family of the alarm; "{ALL}": the cause grew, on any machine'
        ),
        Column("serial_prefix", "label", f'as in emerging; "{ALL}": not split by it'),
        Column("installed_half", "label", f'as in emerging; "{ALL}": not split by it'),
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("tickets", "count", "its tickets with that cause in these months"),
        Column(
            "machines",
            "count",
            "its machines of the family and group in service; missing without a machine file, or an alarm",
        ),
    ),
)

OUTPUTS = {
    table.name: table for table in (GROWTH, RATES, FAILING_PARTS, EMERGING, AFFECTED, LIFE, LIFE_CURVES)
}
