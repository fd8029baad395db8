"""Stage `segments`: which of the nine value types is each customer."""

from crmlab import files, tables
from crmlab.engine import Engine
from crmlab.segments.assign import assign, evidence, summary, type_table, with_names_and_value
from crmlab.segments.features import customer_features
from crmlab.segments.outputs import ADDS, OUTPUTS

with files.stage("segments") as stage:
    folder = stage.project.processed("clean")
    clean = {
        name: folder / f"{name}.parquet" for name in ("sales", "products", "tickets", "machines", "contracts")
    }
    names = files.read_table(folder / "customers.parquet", ["customer_id", "customer_name"])
    value = files.read_table(stage.project.processed("value") / "customers.parquet")
    as_of = files.read_json(folder / "as_of.json")["as_of"]

    for name, adds in ADDS.items():
        if files.read_table(clean[name], list(tables.CLEAN[name].key)).empty:
            stage.lacks(name, adds)
    features = customer_features(Engine(stage.params["engine"]), clean, as_of, stage.settings["months"])
    stage.empty = features.empty

    found = assign(features, stage.settings["min_prob"])
    customers = with_names_and_value(found.customers, names, value)
    written = {
        "customers": customers,
        "types": type_table(customers),
        "features": features,
        "evidence": evidence(features),
    }
    for name, table in OUTPUTS.items():
        frame = tables.empty(table) if stage.empty else tables.conform(written[name], table)
        files.write_table(stage.out / f"{name}.parquet", frame, list(table.key))
    files.write_model(
        stage.project.models("segments") / "mixture.joblib",
        {"scorer": found.scorer, "mixture": found.mixture},
    )
    files.write_json(stage.project.metrics("segments"), found.figures)
    stage.summary = summary(found.figures)
