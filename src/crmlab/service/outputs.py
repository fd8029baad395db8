"""What stage `service` writes to data/processed/service."""

from __future__ import annotations

from crmlab.service import months
from crmlab.service.complaints import outputs as complaints
from crmlab.service.promises import outputs as promises
from crmlab.service.surveys import outputs as surveys
from crmlab.service.visits import outputs as visits

OUTPUTS = promises.OUTPUTS | visits.OUTPUTS | complaints.OUTPUTS | surveys.OUTPUTS | months.OUTPUTS
