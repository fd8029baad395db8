"""The square of purchases and silence: what its cells show, which are framed, and what is said above it."""

import pandas as pd

from crmlab.purchases.buyers.outputs import MATRIX
from crmlab.report.blocks import block
from crmlab.report.findings import frequency_recency
from crmlab.report.language import Language
from crmlab.tables import conform, empty

EN = Language("en")


def en(message):
    return message.in_language(EN)


def matrix(*rows):
    """Rows of (purchases from, to, since from, to, n, p_alive, amount)."""
    names = ["purchases_from", "purchases_to", "since_from", "since_to", "n", "p_alive", "amount"]
    frame = pd.DataFrame(rows, columns=names).assign(expected=None)
    return conform(frame, MATRIX)


CELLS = matrix(
    (1, 1, 0, 90, 30, 0.95, 30 * 100_00),
    (1, 1, 91, None, 40, 0.5, 40 * 100_00),
    (2, 9, 0, 90, 20, 0.97, 20 * 200_00),
    (10, None, 0, 90, 10, 0.98, 10 * 900_00),
    (10, None, 91, None, 4, 0.2, 4 * 800_00),
)


def test_the_square_frames_the_quiet_but_valuable():
    shown = frequency_recency.square(CELLS, 0.7)
    assert [en(heading) for heading in shown.headings] == ["91 and more days", "0 to 90 days"]
    rows = [
        (name.in_language(EN) if hasattr(name, "in_language") else name.text(EN), cells)
        for name, cells in shown.rows
    ]
    assert [name for name, _ in rows] == ["10 and more", "2 to 9", "1"]
    (quiet, good), (none, _), (cheap, _) = (cells for _, cells in rows)
    assert (quiet.value.text(EN), quiet.more.text(EN), quiet.shade, quiet.framed) == ("4", "20%", 1, True)
    assert (good.framed, good.shade) == (False, 5)
    assert not cheap.framed, "many are quiet, but they spent little"
    assert (none.value.text(EN), none.more, none.shade) == ("0", None, 0), (
        "a cell that is not there has nobody"
    )


def test_the_square_is_written_with_its_frame_and_both_figures():
    html = block(
        "matrix",
        [EN],
        title=frequency_recency.square_title(CELLS, 0.7),
        matrix=frequency_recency.square(CELLS, 0.7),
        note=None,
    ).html["en"]
    assert html.count('class="shade-1 framed"') == 1
    assert ">20%<" in html


def test_the_finding_over_the_square():
    assert en(frequency_recency.square_title(CELLS, 0.7)) == (
        "Quiet but valuable: 4 customers in the framed cells spent more than most, CN¥3,200 to date, and have been silent for too long"
    )
    calm = matrix((1, 1, 0, 90, 3, 0.9, 300))
    assert en(frequency_recency.square_title(calm, 0.7)).startswith(
        "No group of customers who spent more than most"
    )
    untold = conform(CELLS.assign(p_alive=None), MATRIX)
    assert en(frequency_recency.square_title(untold, 0.7)).startswith("Customers by number of purchases")
    assert "No model says" in en(frequency_recency.square_note(untold, 0.7))
    assert "Framed: below 70%" in en(frequency_recency.square_note(CELLS, 0.7))
    plain = frequency_recency.square(untold, 0.7).rows[0][1][0]
    assert (plain.more, plain.shade, plain.framed) == (None, 0, False)


def test_nobody_makes_an_empty_square():
    assert frequency_recency.square(empty(MATRIX), 0.7).rows == []
