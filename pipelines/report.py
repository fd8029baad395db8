"""Pages: run each notebook once and write it in every language."""

from crmlab import files
from crmlab.report.build import build

with files.stage("report") as stage:
    params = stage.params
    made = build(stage.project, params["company"], str(params["as_of"]), params["languages"])
    pages = [path for path in made if path.suffix == ".html"]
    stage.summary = (
        f"{len(pages)} pages ({', '.join(params['languages'])}), open {stage.project.reports / 'index.html'}"
    )
