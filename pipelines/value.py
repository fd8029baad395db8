"""Stage value: what is each customer worth, net of what it costs to serve? Profit to date and value to come."""

import pandas as pd

from crmlab import files
from crmlab.engine import Engine
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.outputs import OUTPUTS
from crmlab.value.results import CLEAN, results
from crmlab.value.settings import Settings

with files.stage("value") as stage:
    clean, service, churn = (stage.project.processed(name) for name in ("clean", "service", "churn"))
    found = results(
        Engine(stage.params["engine"]),
        {name: clean / f"{name}.parquet" for name in CLEAN},
        files.read_table(churn / "contracts.parquet", ["contract_id", "p_renew"]),
        files.read_table(churn / "earlier.parquet"),
        Settings.read(stage.settings, stage.params["purchases"], stage.params["churn"]),
        PurchaseSettings.read(stage.params["purchases"]),
        as_of=pd.Timestamp(files.read_json(clean / "as_of.json")["as_of"]),
        service={name: service / f"{name}.parquet" for name in ("tickets", "complaints")},
        associations=files.read_table(churn / "associations.parquet"),
        ignored_days=stage.params["service"]["ignored_days"],
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    files.write_json(stage.project.metrics("value"), found.metrics)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
