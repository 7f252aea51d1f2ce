"""Sums the law fixes, worked out step by step: what comes to how much, by which article, on what assumptions.

Each calculator takes keyword arguments only (money in yuan, rates in percent, days as dates), hands back a
`Result`, and raises `Unsupported` for what cannot be worked out. Nothing is computed that neither the corpus nor
``content/rates.yml`` fixes: 违约金 (民法典 585 names no figure) and 带薪年休假 (a regulation) have no calculator.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from knowledge_base.calculators.claims import consumer_damages, deposit, late_interest
from knowledge_base.calculators.court import court_fee
from knowledge_base.calculators.double_wage import double_wage
from knowledge_base.calculators.family import child_support
from knowledge_base.calculators.labour import overtime, severance
from knowledge_base.calculators.model import Result, Unsupported
from knowledge_base.calculators.time_limit import time_limit

__all__ = ["CALCULATORS", "Result", "Unsupported"]

CALCULATORS: Mapping[str, Callable[..., Result]] = MappingProxyType({
    calculator.__name__: calculator
    for calculator in (
        severance, overtime, double_wage, late_interest, court_fee, deposit, child_support, consumer_damages,
        time_limit,
    )
})  # fmt: skip
