"""Who still buys, how often, how much: customer-base models."""

from crmlab.purchases.bgnbd import BGNBD, MBGCNBD, MBGNBD
from crmlab.purchases.gamma_gamma import GammaGamma
from crmlab.purchases.histories import DegenerateFit, InputError
from crmlab.purchases.pareto import ParetoNBD

__all__ = ["BGNBD", "MBGCNBD", "MBGNBD", "DegenerateFit", "GammaGamma", "InputError", "ParetoNBD"]
