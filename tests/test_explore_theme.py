"""Charts of a notebook look like those of the pages."""

import crmlab


def test_charts_take_the_colours_of_the_pages():
    import matplotlib

    from crmlab.report.svg import COLOURS

    with matplotlib.rc_context():
        crmlab.theme()
        first = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][0]
    assert matplotlib.colors.to_hex(first) == COLOURS["c0"]
