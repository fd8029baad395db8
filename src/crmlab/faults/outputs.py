"""What stage `faults` writes to data/processed/faults."""

from __future__ import annotations

from crmlab.faults.causes import outputs as causes
from crmlab.faults.desk import outputs as desk
from crmlab.faults.failures import outputs as failures
from crmlab.faults.kits import outputs as kits

OUTPUTS = causes.OUTPUTS | kits.OUTPUTS | desk.OUTPUTS | failures.OUTPUTS
