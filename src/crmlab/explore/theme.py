"""Charts in a notebook that look like those of the pages."""

from __future__ import annotations

import sys
import warnings


def theme() -> None:
    """Draw seaborn and matplotlib charts as the pages do: their palette, light rules, no frame, text as text.

    In Jupyter charts are then SVG, whose words the browser writes, so that Chinese names need no font on the server.

    Examples
    --------
    >>> import matplotlib
    >>> theme()
    >>> matplotlib.rcParams["svg.fonttype"]
    'none'
    """
    import seaborn

    from crmlab.report.svg import COLOURS, STYLE

    # a page sets its own canvas and resolution
    own = {k: v for k, v in STYLE.items() if k not in ("figure.facecolor", "axes.facecolor", "figure.dpi")}
    palette = [COLOURS[name] for name in sorted(COLOURS) if name[1:].isdigit()]
    seaborn.set_theme(style="whitegrid", palette=palette, rc=own)
    warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader has the glyphs
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg")
