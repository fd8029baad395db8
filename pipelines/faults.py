"""Stage faults: which cause is behind which symptom, what to carry and check first, what fails how often."""

import pandas as pd

from crmlab import files
from crmlab.faults.causes.lexicon import SymptomLexicon
from crmlab.faults.diagnosis import diagnose
from crmlab.faults.outputs import OUTPUTS
from crmlab.faults.settings import Settings

TABLES = ("tickets", "ticket_causes", "visits", "ticket_parts", "parts", "machines", "customers")

with files.stage("faults") as stage:
    clean = stage.project.processed("clean")
    days = files.read_json(clean / "as_of.json")
    found = diagnose(
        **{name: files.read_table(clean / f"{name}.parquet") for name in TABLES},
        settings=Settings.read(stage.settings, stage.params["value"]),
        until=days["report_month"],
        as_of=pd.Timestamp(days["as_of"]),
        lexicon=SymptomLexicon(clean / "lexicon.yaml"),
    )
    for name, table in OUTPUTS.items():
        files.write_table(stage.out / f"{name}.parquet", found.tables[name], list(table.key))
    files.write_model(stage.project.models("faults") / "desk.joblib", found.desk)
    files.write_json(stage.project.metrics("faults"), found.metrics)

    for what, adds in found.lacks:
        stage.lacks(what, adds)
    stage.empty = found.is_empty
    stage.summary = found.summary
