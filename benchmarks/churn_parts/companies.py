"""What every line said of the contracts of one company on earlier days, simulated or that of the pipeline's last run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml
from peers import first_light_churn

from crmlab import sample
from crmlab.churn.backtest import told
from crmlab.churn.forecast import forecast
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.landmarks.record import READS, ServiceRecord
from crmlab.churn.models.boosted import BoostedHazard
from crmlab.churn.models.hazard import RenewalHazard
from crmlab.churn.settings import Settings
from crmlab.churn.spells.frames import held
from crmlab.engine import Engine
from crmlab.service import results as service
from crmlab.service.settings import Settings as ServiceSettings

PARAMS = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))
SETTINGS = Settings.read(PARAMS["churn"], PARAMS["service"])
UNTIL, AS_OF = "2026-10", pd.Timestamp("2026-10-31")
SAID = {
    "stage": "p_renew",
    "cox_new": "p_cox",
    "level": "p_level",
    "last_year": "p_last_year",
    "inactive": "p_inactive",
}
"""Line → column of the stage's own back-test."""


class Day(NamedTuple):
    """One company on a day: occasions with a known end, contracts at risk, what each line said of them, and what the stage chose."""

    X: pd.DataFrame
    y: np.ndarray
    now: pd.DataFrame
    said: pd.DataFrame
    chosen: str


def company(customers: int, seed: int, days: list[pd.Timestamp]) -> Iterator[Day]:
    """One simulated company on each of `days`."""
    true = true_chances(sample.truth(seed, customers, draws=0))
    for day in said_on(*simulated(customers, seed), days, seed):
        own = day.said.contract_id.str.partition("-")[2].rename("own")
        yield day._replace(said=day.said.join(true, on=own))


def demo(processed: Path, days: list[pd.Timestamp]) -> Iterator[Day]:
    """The company of the pipeline's last run; its truth is not looked up."""
    tables = {name: pd.read_parquet(processed / f"clean/{name}.parquet") for name in (*READS, "contracts")}
    served = {
        name: pd.read_parquet(processed / f"service/{name}.parquet") for name in ("tickets", "complaints")
    }
    return said_on(tables, served, days, 0)


def ended(customers: int, seed: int, day: pd.Timestamp) -> tuple[pd.DataFrame, np.ndarray]:
    """The occasions of one simulated company with a known end on `day`, and which were renewed."""
    return occasions_of(*simulated(customers, seed)).ended(day)


def simulated(customers: int, seed: int) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """The tables of a simulated company, and those that stage service makes of them."""
    tables = sample.tables(customers, seed=seed, dirt=False)
    settings = ServiceSettings.read(PARAMS["service"], PARAMS["value"])
    exports = service.Exports(*(tables[name] for name in service.Exports._fields))
    return tables, service.results(exports, settings, until=UNTIL, as_of=AS_OF).tables


def said_on(
    tables: dict[str, pd.DataFrame], served: dict[str, pd.DataFrame], days: list[pd.Timestamp], seed: int
) -> Iterator[Day]:
    """What every line but the truth's said of one company on each of `days`."""
    occasions = occasions_of(tables, served)
    later = occasions.terms(AS_OF)
    grace, enough = SETTINGS.grace_days, SETTINGS.min_contracts
    for day in days:
        then = forecast(occasions, day, enough)
        now = then.seen.features
        said = told(then, later, AS_OF, grace, SETTINGS.inactive_days)
        said = said.assign(**{line: said[column] for line, column in SAID.items()})
        said["hazard"] = RenewalHazard().fit(then.X, then.y).renewal_probability(now, ()).p_renew
        said["boosted"] = BoostedHazard().fit(then.X, then.y).renewal_probability(now, ()).p_renew
        first_light = first_light_churn.chances(tables, served["tickets"], day, grace, enough)
        said["cox"] = said.contract_id.map(first_light)
        said = named(said.assign(company=seed), seed)
        yield Day(named(then.X, seed), then.y, named(now, seed), said, then.choice.name)


def occasions_of(tables: dict[str, pd.DataFrame], served: dict[str, pd.DataFrame]) -> Occasions:
    engine = Engine(threads=1)
    sources = {name: held(engine, tables[name]) for name in READS}
    sources |= {"promises": held(engine, served["tickets"]), "complaints": held(engine, served["complaints"])}
    record = ServiceRecord(
        engine, sources, SETTINGS.ignored_days, SETTINGS.half_life_days, SETTINGS.offer_days
    )
    return Occasions(record, held(engine, tables["contracts"]), tables["customers"], SETTINGS.grace_days)


def named(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Keys that no other company has."""
    keys = {name: f"{seed}-" + table[name].astype(str) for name in ("contract_id", "customer_id")}
    return table.assign(**keys)


def true_chances(truth: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """P(renewal) at each decision, and the same without what nobody records."""
    renewals = truth["renewals"].set_index("contract_id").p_renew
    people = truth["customers"].set_index("customer_id")
    # Contracts are numbered by customer: K000012-03 is one of C000012.
    customer = "C" + renewals.index.str[1:7]
    hidden = (
        people.frailty.reindex(customer).to_numpy() + 0.2 * people.engagement.reindex(customer).to_numpy()
    )
    logit = np.log(renewals / (1 - renewals)) - hidden
    return pd.DataFrame({"truth": renewals, "recorded": 1 / (1 + np.exp(-logit))})


def all_said(known: list[Day]) -> pd.DataFrame:
    """What was said in all companies, with the line `pooled`; a landmark is a day of one company."""
    told_on = []
    for at in sorted({d.said.landmark.iloc[0] for d in known}):
        those = [d for d in known if d.said.landmark.iloc[0] == at]
        X, y = pd.concat([d.X for d in those], ignore_index=True), np.concatenate([d.y for d in those])
        now = pd.concat([d.now for d in those], ignore_index=True)
        said = pd.concat([d.said for d in those], ignore_index=True)
        told_on.append(said.assign(pooled=RenewalHazard().fit(X, y).renewal_probability(now, ()).p_renew))
    said = pd.concat(told_on, ignore_index=True)
    return said.assign(landmark=said.company.astype(str) + said.landmark.dt.strftime(" %Y-%m-%d"))
