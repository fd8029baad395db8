"""Cronbach's alpha on a questionnaire that others analysed; skipped where ../shared/data is absent."""

import pandas as pd
import pytest
from exports import run
from test_real import DATA, FILES, MAPPINGS

from crmlab.service.surveys.alpha import alphas
from crmlab.service.surveys.answers import answers
from crmlab.service.surveys.scales import lowest_marks

pytestmark = pytest.mark.real
PUBLISHED = {"CUEX": 0.452, "CUSA": 0.779, "CUSL": 0.472, "IMAG": 0.723, "PERQ": 0.877, "PERV": 0.824}
"""Tenenhaus et al. 2005, Computational Statistics & Data Analysis 48:159, of standardised items;
raw marks, as here, come a little lower."""


def test_the_scales_of_ecsi_mobile_have_the_alphas_of_the_literature(tmp_path):
    source = DATA / FILES["ecsi_mobile"]
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    folder = tmp_path / "ecsi_mobile"
    folder.mkdir()
    (folder / "mapping.yaml").write_text((MAPPINGS / "ecsi_mobile" / "mapping.yaml").read_text())
    (folder / source.name).symlink_to(source.resolve())
    surveys = run(folder, tmp_path / "out", max_bad_share=0.05).table("surveys")
    assert lowest_marks(surveys).to_dict() == {10.0: 1.0}
    table = alphas(answers(surveys, pd.Timestamp("1998-06-30")), 5).set_index("scale")
    assert (table["n"] == 250).all()
    assert table["alpha"].to_dict() == pytest.approx(PUBLISHED, abs=0.035)
    for scale, alpha in PUBLISHED.items():
        assert table.loc[scale, "low"] < alpha < table.loc[scale, "high"]
