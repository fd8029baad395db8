"""What stage `purchases` writes to data/processed/purchases."""

from __future__ import annotations

from crmlab.purchases.buyers import outputs as buyers
from crmlab.purchases.sales import outputs as sales

OUTPUTS = buyers.OUTPUTS | sales.OUTPUTS
