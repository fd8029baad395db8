"""Who still buys, how often, how much: customer-base models."""

from crmlab.purchases.models.bgnbd import BGNBD, MBGCNBD, MBGNBD
from crmlab.purchases.models.gamma_gamma import GammaGamma
from crmlab.purchases.models.histories import DegenerateFit, InputError
from crmlab.purchases.models.pareto import ParetoNBD

__all__ = ["BGNBD", "MBGCNBD", "MBGNBD", "DegenerateFit", "GammaGamma", "InputError", "ParetoNBD"]
