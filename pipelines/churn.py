"""Stage churn: who will leave, who will renew, and when? The chances of contracts, and who still buys without one."""

import pandas as pd

from crmlab import files
from crmlab.churn.outputs import OUTPUTS
from crmlab.churn.results import CLEAN, results
from crmlab.churn.settings import Settings
from crmlab.engine import Engine

with files.stage("churn") as stage:
    clean, service, purchases = (stage.project.processed(name) for name in ("clean", "service", "purchases"))
    found = results(
        Engine(stage.params["engine"]),
        {name: clean / f"{name}.parquet" for name in CLEAN},
        {"promises": service / "tickets.parquet", "complaints": service / "complaints.parquet"},
        files.read_table(purchases / "customers.parquet"),
        Settings.read(stage.settings, stage.params["service"]),
        as_of=pd.Timestamp(files.read_json(clean / "as_of.json")["as_of"]),
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    files.write_json(stage.project.metrics("churn"), found.metrics)
    files.write_model(stage.project.models("churn") / "renewal.joblib", found.model)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
