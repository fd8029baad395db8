"""What was known on an earlier day: the views that the stages learn from, opened on the processed data of a project.

A model that learns from what became known later foretells the past. Each function here gives what its stage uses, so that an
analyst's model can be held against the project's on the same footing. Money in them is in the smallest unit (分).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.explore.tables import path_of
from crmlab.files import CrmlabError, Project, read_json, read_table

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.churn.landmarks.occasions import Occasions
    from crmlab.purchases.buyers.ledger import Ledger
    from crmlab.segments.behaviour.history import History


def as_of(project: Project | None = None) -> pd.Timestamp:
    """The last day of which the processed data know anything: the only "today" there is.

    Examples
    --------
    >>> import crmlab
    >>> a_year_ago = crmlab.as_of() - pd.DateOffset(years=1)  # doctest: +SKIP
    """
    import pandas as pd

    return pd.Timestamp(_days(project)["as_of"])


def diagnosed(project: Project | None = None) -> pd.DataFrame:
    """Tickets with a recorded cause, as a cause model learns from them, in order of time.

    Returns
    -------
    The columns of `tickets`, those that the machine, the calendar and the customer add (`crmlab.faults.with_context`), and
    symptom_tag : the symptom in one word (`crmlab.faults.SymptomLexicon`)
    cause : the first recorded one, spelt one way
    incident : tickets of one number report one and the same fault; never split them (`crmlab.faults.split_by_time`)

    Of these columns a model that answers at the call may read those that `explain("tickets")` knows "at call";
    `crmlab.faults.FaultPool` refuses the others.

    Examples
    --------
    >>> import crmlab
    >>> crmlab.diagnosed().groupby("symptom_tag")["cause"].value_counts()  # doctest: +SKIP
    """
    from crmlab.faults.causes.features import with_context
    from crmlab.faults.causes.incidents import number_incidents
    from crmlab.faults.causes.lexicon import SymptomLexicon
    from crmlab.faults.causes.spelling import one_spelling
    from crmlab.faults.kits.needs import first_causes

    project = project or Project.here()
    tables = ("tickets", "ticket_causes", "machines", "customers")
    tickets, causes, machines, customers = (read_table(path_of(name, project)) for name in tables)
    spelt = causes.assign(cause=one_spelling(causes["cause"])[0])
    tickets["cause"] = tickets["ticket_id"].map(first_causes(spelt)).astype(object)
    known = tickets.dropna(subset="cause").sort_values(["reported_at", "ticket_id"], ignore_index=True)
    lexicon = SymptomLexicon(project.processed("clean") / "lexicon.yaml")
    known = with_context(known.assign(symptom_tag=lexicon.tags(known["symptom"])), machines, customers)
    return known.assign(incident=number_incidents(known, project.params()["faults"]["incident_days"]))


def occasions(project: Project | None = None) -> Occasions:
    """The contracts, seen from any day with what was known by then: `terms`, `at_risk` and `ended` of a day.

    Examples
    --------
    >>> import crmlab
    >>> contracts = crmlab.occasions()  # doctest: +SKIP
    >>> X, y = contracts.ended(day)  # doctest: +SKIP
    >>> RenewalHazard().fit(X, y).renewal_probability(contracts.at_risk(day))  # doctest: +SKIP
    """
    from crmlab.churn.landmarks.occasions import Occasions
    from crmlab.churn.landmarks.record import READS, ServiceRecord
    from crmlab.churn.settings import Settings
    from crmlab.engine import Engine

    project = project or Project.here()
    params = project.params()
    settings = Settings.read(params["churn"], params["service"])
    sources = {name: path_of(name, project) for name in READS}
    sources |= {
        "promises": path_of("service/tickets", project),
        "complaints": path_of("service/complaints", project),
    }
    record = ServiceRecord(
        Engine(params["engine"]),
        sources,
        ignored_days=settings.ignored_days,
        half_life_days=settings.half_life_days,
        offer_days=settings.offer_days,
    )
    customers = read_table(path_of("customers", project))
    return Occasions(record, path_of("contracts", project), customers, settings.grace_days)


def ledger(project: Project | None = None) -> Ledger:
    """The sales, read as purchases: `histories` as of any day, and what came `later`.

    Examples
    --------
    >>> import crmlab
    >>> h = crmlab.ledger().histories(crmlab.as_of())  # frequency, recency, T, …  # doctest: +SKIP
    >>> MBGNBD().fit(h.frequency, h.recency, h["T"])  # doctest: +SKIP
    """
    from crmlab.engine import Engine
    from crmlab.purchases.buyers.ledger import Ledger
    from crmlab.purchases.settings import Settings

    project = project or Project.here()
    params = project.params()
    return Ledger(Engine(params["engine"]), path_of("sales", project), Settings.read(params["purchases"]))


def behaviour(project: Project | None = None) -> History:
    """What customers did, as the features that value types are told from, `at` the end of each of its `months`.

    Examples
    --------
    >>> import crmlab
    >>> history = crmlab.behaviour()  # doctest: +SKIP
    >>> features = history.at(history.months[-13]).set_index("customer_id")  # a year ago  # doctest: +SKIP
    >>> scores = ValueScorer().fit_transform(features)  # doctest: +SKIP
    """
    import pandas as pd

    from crmlab.engine import Engine
    from crmlab.segments.behaviour.absent import TABLES
    from crmlab.segments.behaviour.history import read_history
    from crmlab.segments.behaviour.topics import TopicLexicon
    from crmlab.segments.settings import Settings

    project = project or Project.here()
    params = project.params()
    return read_history(
        Engine(params["engine"]),
        {name: path_of(name, project) for name in TABLES},
        pd.Period(_days(project)["report_month"], "M").end_time.normalize(),
        Settings.read(params["segments"], params["churn"], params["service"]),
        TopicLexicon(project.processed("clean") / "topics.yaml"),
    )


def _days(project: Project | None) -> dict[str, str]:
    path = (project or Project.here()).processed("clean") / "as_of.json"
    if not path.is_file():
        raise CrmlabError(
            f"{path} is not there: run `make` first; if it ran and failed, logs/alert.txt says why"
        )
    return read_json(path)
