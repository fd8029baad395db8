"""Who will leave, who will renew, and when? Contracts, tickets and visits in; chances and curves out."""

import joblib
import pandas as pd

from crmlab import files
from crmlab.churn.outputs import OUTPUTS
from crmlab.churn.renewal import Exports
from crmlab.churn.results import results

with files.stage("churn") as stage:
    clean = stage.project.processed("clean")
    exports = Exports(*(files.read_table(clean / f"{name}.parquet") for name in Exports._fields))
    as_of = pd.Timestamp(files.read_json(clean / "as_of.json")["as_of"])

    found = results(exports, as_of, stage.settings)

    for name, frame in found.tables.items():
        files.write_table(stage.out / f"{name}.parquet", frame, list(OUTPUTS[name].key))
    files.write_json(stage.project.metrics("churn"), found.metrics)
    with files.atomic(stage.project.models("churn") / "cox.joblib") as draft:
        joblib.dump(found.model, draft)

    n = found.metrics
    if exports.tickets.empty:
        stage.lacks("tickets", "repairs, second visits and broken promises as reasons to leave")
    if found.model is None:
        stage.empty = True
        stage.lacks("contracts with outcomes", "who will renew, and what goes with leaving")
        stage.summary = f"{n['n_contracts']:,} contracts, {n['n_ended']:,} ended: too few to tell"
    elif "auc" not in n:
        stage.lacks("a second year of ended contracts", "a back-test of the renewal chances")
        stage.summary = f"{n['n_living']:,} open contracts, no back-test"
    else:
        stage.summary = (
            f"{n['n_living']:,} open contracts, AUC {n['auc']:.2f} (levels alone {n['auc_naive']:.2f}), "
            f"Brier {n['brier']:.3f} ({n['brier_naive']:.3f})"
        )
