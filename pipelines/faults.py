"""Stage faults: which cause is behind which symptom, how well a model tells, and its guesses for open tickets."""

import joblib

from crmlab import files
from crmlab.faults.diagnosis import diagnose
from crmlab.faults.outputs import OUTPUTS

with files.stage("faults") as stage:
    clean = stage.project.processed("clean")
    found = diagnose(
        files.read_table(clean / "tickets.parquet"),
        files.read_table(clean / "ticket_causes.parquet"),
        until=files.read_json(clean / "as_of.json")["report_month"],
        **stage.settings,
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    with files.atomic(stage.project.models("faults") / "causes.joblib") as draft:
        joblib.dump(found.model, draft)
    files.write_json(stage.project.metrics("faults"), found.metrics)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
