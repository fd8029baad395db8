"""Stage segments: which of the nine value types is each customer, how does that change, and what should be done about it?"""

import pandas as pd

from crmlab import files
from crmlab.engine import Engine
from crmlab.segments.outputs import OUTPUTS
from crmlab.segments.results import CLEAN, Edited, results
from crmlab.segments.settings import Settings

with files.stage("segments") as stage:
    clean, value, churn = (stage.project.processed(name) for name in ("clean", "value", "churn"))
    params = stage.params
    found = results(
        Engine(params["engine"]),
        {name: clean / f"{name}.parquet" for name in CLEAN},
        value=files.read_table(value / "customers.parquet"),
        renewals=files.read_table(churn / "contracts.parquet", ["customer_id", "p_renew"]),
        edited=Edited(
            *(clean / name for name in ("topics.yaml", "policy.csv", "effort.csv", "type_labels.csv"))
        ),
        settings=Settings.read(stage.settings, params["churn"], params["service"]),
        last=pd.Period(files.read_json(clean / "as_of.json")["report_month"], "M").end_time.normalize(),
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    files.write_model(stage.project.models("segments") / "types.joblib", found.fitted)
    files.write_json(stage.project.metrics("segments"), found.metrics)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
