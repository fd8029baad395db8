"""Exports in data/raw/<company> → data/processed/clean: every row clean, or set aside with a reason."""

from crmlab import clean, files

with files.stage("clean") as stage:
    result = clean.run(
        stage.project.raw(stage.params["company"]),
        stage.out,
        as_of=stage.params["as_of"],
        engine=stage.params["engine"],
        max_bad_share=stage.settings["max_bad_share"],
        key_file=files.key_file(stage.project.root),
    )
    files.write_json(stage.project.metrics("clean"), result.metrics)
    stage.summary = result.summary
    for what, adds in result.missing:
        stage.lacks(what, adds)
