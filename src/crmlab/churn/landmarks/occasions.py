"""Contracts on landmarks with their features: those whose end is known, to learn from, and those at risk today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.churn.landmarks.features import features
from crmlab.churn.landmarks.plain import plain
from crmlab.churn.landmarks.record import ServiceRecord
from crmlab.churn.spells.known import known_spells
from crmlab.engine import Input


class Seen(NamedTuple):
    """Contracts on landmarks: counts from `ServiceRecord.known_at`, features of the same rows, and the terms they are of."""

    known: pd.DataFrame
    features: pd.DataFrame
    terms: pd.DataFrame

    def plain(self) -> pd.DataFrame:
        """The features in units that people say; see `crmlab.churn.landmarks.plain.plain`."""
        return plain(self.known, self.terms)


@dataclass(frozen=True)
class Occasions:
    """The contracts of a company, seen from any day with what was known by then.

    Parameters
    ----------
    record : what happened to the customers.
    contracts : the clean table, as a relation of the record's engine or a Parquet file.
    customers : the clean table, as a frame.
    grace_days : days after the last day within which a renewal still counts.
    """

    record: ServiceRecord
    contracts: Input
    customers: pd.DataFrame
    grace_days: int = 30

    def terms(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """The terms known on `as_of`."""
        return known_spells(self.record.engine, self.contracts, as_of, self.grace_days)

    def at_risk(self, as_of: pd.Timestamp) -> pd.DataFrame:
        """Features on `as_of` of every contract at risk then; see `crmlab.churn.landmarks.features.features`."""
        return self.seen(self.terms(as_of), [as_of]).features

    def seen(
        self,
        terms: pd.DataFrame,
        days: Sequence[pd.Timestamp],
        most_days: int | None = None,
        of: pd.DataFrame | None = None,
    ) -> Seen:
        """What was known on each of `days` of those of `terms` (all, or those `of` them) that were at risk then.

        Parameters
        ----------
        terms : from `terms`, as of any day not before the last of `days`.
        most_days : no days farther than that before the last day of a term.
        """
        known = self.record.known_at(terms if of is None else of, days, self.grace_days, most_days)
        return Seen(known, features(known, terms, self.customers), terms)

    def ended(
        self, as_of: pd.Timestamp, most_days: int = 365, terms: pd.DataFrame | None = None
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """Features on month ends of every contract renewed or lost by `as_of`, and which of the two.

        Parameters
        ----------
        most_days : landmarks that far before the last day of a term, and later.
        terms : those known on `as_of`, where they are at hand.

        Returns
        -------
        Features, and 1 renewed or 0 lost in their order. Both as known on `as_of`.
        """
        terms = self.terms(as_of) if terms is None else terms
        over = terms[terms.fate.isin(["renewed", "lost"])]
        first = over.known_at.min() if len(over) else as_of
        days = pd.date_range(first, as_of, freq="ME")
        found = self.seen(terms, list(days), most_days, over).features
        renewed = found.contract_id.map(over.set_index("contract_id").fate == "renewed")
        return found, renewed.to_numpy(dtype=int)
