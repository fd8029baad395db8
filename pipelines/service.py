"""Stage service: did we keep our promises? Visits, service levels, complaints and satisfaction."""

import pandas as pd

from crmlab import files
from crmlab.service.outputs import OUTPUTS
from crmlab.service.results import Exports, results
from crmlab.service.settings import Settings

with files.stage("service") as stage:
    clean = stage.project.processed("clean")
    days = files.read_json(clean / "as_of.json")
    found = results(
        Exports(*(files.read_table(clean / f"{name}.parquet") for name in Exports._fields)),
        settings=Settings.read(stage.settings, stage.params["value"]),
        until=days["report_month"],
        as_of=pd.Timestamp(days["as_of"]),
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    files.write_json(stage.project.metrics("service"), found.metrics)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
