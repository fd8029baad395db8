"""The value to come as the stage states it: forecast, judged by earlier days, its limits as wide as these say they must be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from crmlab.purchases.models.predictive import Interval
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import Books
from crmlab.value.equity import total
from crmlab.value.judged.backtest import Judged, Stretch, agreed, judged, shock
from crmlab.value.settings import Settings
from crmlab.value.to_come.forecast import Forecast, Prospects, prospects, stretched


@dataclass(frozen=True)
class Stated:
    """What the stage says of value to come.

    ahead : before it is valued, for other assumptions. told : by customer, limits stretched by `wider`. total : of all customers.
    seen : earlier days, judged. missed : standard deviation of a sum over gross flows that these tell of.
    """

    ahead: Prospects
    told: Forecast
    total: Interval
    seen: list[Judged]
    wider: Stretch
    missed: float


def state(
    books: Books,
    chances: pd.DataFrame,
    earlier: pd.DataFrame,
    settings: Settings,
    buying: PurchaseSettings,
    as_of: pd.Timestamp,
) -> Stated:
    """State the value to come of every customer.

    Parameters
    ----------
    chances : contract_id, p_renew of the contracts at risk on `as_of`. earlier : landmark, contract_id, p_renew, as they would have
        been said one and two years ago; other days in it are not read.
    """
    ahead = prospects(books, chances, buying, as_of, settings.horizon_months)
    seen = judged(books, earlier, buying, as_of)
    wider, missed = agreed(seen), shock(seen)
    told = ahead.valued(settings.annual_discount)
    told = replace(told, customers=stretched(told.customers, wider.below, wider.above))
    return Stated(ahead, told, total(told, missed), seen, wider, missed)
