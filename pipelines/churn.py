"""Who will leave, who will renew, and when? Contracts, tickets and visits in; chances and curves out."""

import pandas as pd

from crmlab import files
from crmlab.churn.outputs import OUTPUTS
from crmlab.churn.renewal import Exports
from crmlab.churn.results import results

with files.stage("churn") as stage:
    clean = stage.project.processed("clean")
    exports = Exports(
        *(files.read_table(clean / f"{name}.parquet") for name in Exports._fields[:-1]),
        promises=files.read_table(stage.project.processed("service") / "tickets.parquet"),
    )
    as_of = pd.Timestamp(files.read_json(clean / "as_of.json")["as_of"])

    found = results(exports, as_of, stage.settings)

    for name, frame in found.tables.items():
        files.write_table(stage.out / f"{name}.parquet", frame, list(OUTPUTS[name].key))
    files.write_json(stage.project.metrics("churn"), found.metrics)
    files.write_model(stage.project.models("churn") / "cox.joblib", found.model)

    n = found.metrics
    if exports.tickets.empty:
        stage.lacks("tickets", "repairs, second visits and broken promises as reasons to leave")
    opened = f"{n.get('n_living', 0):,} open contracts"
    match n["no_model"]:
        case "few" if not n["n_ended"]:
            stage.empty = not n.get("n_living")
            stage.lacks("contracts with outcomes", "who will renew, and what goes with leaving")
            stage.summary = f"{opened}, none has ended with a known outcome"
        case "few":
            stage.lacks("more ended contracts", "a chance of its own for each contract")
            stage.summary = f"{opened}, {n['n_ended']:,} ended: too few to learn from"
        case "none lost":
            stage.lacks("lost contracts", "what goes with leaving")
            stage.summary = f"{opened}, {n['n_ended']:,} ended, none was lost: nothing to learn leaving from"
        case "none renewed":
            stage.lacks("renewed contracts", "what goes with staying")
            stage.summary = (
                f"{opened}, {n['n_ended']:,} ended, none was renewed: nothing to learn staying from"
            )
        case None if "auc" not in n:
            stage.lacks("a second year of ended contracts", "a back-test of the renewal chances")
            stage.summary = f"{opened}, no back-test"
        case None:
            stage.summary = (
                f"{opened}, AUC {n['auc']:.2f} (levels alone {n['auc_naive']:.2f}), "
                f"Brier {n['brier']:.3f} ({n['brier_naive']:.3f})"
            )
