"""The chances of contracts as they would have been said on earlier days: what a value stated then would have rested on."""

from __future__ import annotations

import pandas as pd

from crmlab.churn.days import earlier_days
from crmlab.churn.forecast import forecast
from crmlab.churn.landmarks.occasions import Occasions


def earlier(
    occasions: Occasions, as_of: pd.Timestamp, min_contracts: int, said: pd.DataFrame
) -> pd.DataFrame:
    """The columns of `crmlab.churn.outputs.EARLIER`: every contract at risk on each of `earlier_days`, with its chance.

    Parameters
    ----------
    said : of the days that the back-test looked at, from `crmlab.churn.backtest.backtest`; they are not forecast again.
    """
    told = []
    for day in earlier_days(as_of):
        known = said.loc[said.landmark == day, ["contract_id", "landmark", "p_renew"]]
        if len(known):
            told.append(known)
            continue
        then = forecast(occasions, day, min_contracts)
        p_renew = then.chances.p_renew.to_numpy()
        told.append(then.seen.features[["contract_id"]].assign(landmark=day, p_renew=p_renew))
    return pd.concat(told, ignore_index=True)
