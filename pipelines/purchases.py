"""Stage purchases: who still buys, how often, how much? Customer-base models, and the statistics of sales."""

import pandas as pd

from crmlab import files
from crmlab.engine import Engine
from crmlab.purchases.outputs import OUTPUTS
from crmlab.purchases.results import READS, results
from crmlab.purchases.settings import Settings

with files.stage("purchases") as stage:
    clean = {name: stage.project.processed("clean") / f"{name}.parquet" for name in READS}
    days = files.read_json(stage.project.processed("clean") / "as_of.json")
    found = results(
        Engine(stage.params["engine"]),
        clean,
        files.read_table(clean["customers"], ["customer_id", "customer_name"]),
        Settings.read(stage.settings),
        until=days["report_month"],
        as_of=pd.Timestamp(days["as_of"]),
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    files.write_model(stage.project.models("purchases") / "models.joblib", found.models)
    files.write_json(stage.project.metrics("purchases"), found.metrics)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
