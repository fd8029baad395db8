"""The stage's whole answer: every customer's type, how sure it is, how it moves, what it gets, and whether types are good for anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.engine import DuckDB, Spark
from crmlab.segments.behaviour.catalogue import AXES, NAMES, TYPES, UNDETERMINED, probability_column
from crmlab.segments.behaviour.history import History, read_history
from crmlab.segments.behaviour.topics import TopicLexicon, topic_shares
from crmlab.segments.moves.drift import shift
from crmlab.segments.moves.life_cycle import life_cycle
from crmlab.segments.moves.tracker import TypeTracker
from crmlab.segments.moves.transitions import agreement, changes_per_year, movers, transitions
from crmlab.segments.outputs import OUTPUTS
from crmlab.segments.settings import Settings
from crmlab.segments.types.evidence import evidence
from crmlab.segments.types.fitted import Fitted, same_label
from crmlab.segments.types.reasons import why
from crmlab.segments.types.simple import highest_axes
from crmlab.segments.use.cells import cells, risk_bands, value_bands
from crmlab.segments.use.labels import read_labels
from crmlab.segments.use.policy import Policy
from crmlab.segments.use.simple_scheme import overlap, simple_scheme
from crmlab.segments.use.usefulness import usefulness


@dataclass(frozen=True)
class Edited:
    """Files that people of the company wrote, each empty or absent where they wrote none."""

    topics: Path
    policy: Path
    labels: Path
