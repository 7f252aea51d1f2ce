"""The last day of a time limit, from the day it runs from."""

from datetime import date

from knowledge_base.calculators import checks
from knowledge_base.calculators.model import Result, Unsupported
from knowledge_base.deadlines import deadlines, tell, work_out


def time_limit(
    *,
    start: date,
    money: str | None = None,
    contract: str | None = None,
    family: str | None = None,
    labour: str | None = None,
    court: str | None = None,
    government: str | None = None,
    area: str = "",
) -> Result:
    """The period of ``content/deadlines.yml`` that one of the arguments beside ``start`` and ``area`` names.

    Raises:
        Unsupported: none of them names one, or the day lies ahead.
    """
    named = [name for name in (money, contract, family, labour, court, government) if name]
    if len(named) != 1 or named[0] not in deadlines():
        raise Unsupported("请先选是哪一种期限。")
    checks.past(start, "起算的日期")
    found = work_out(deadlines()[named[0]], start)
    verdict, *counting = tell(found).split("\n")
    return Result(
        title="期限",
        amount=verdict.split("】", 1)[-1],
        lines=tuple(counting),
        assumptions=(
            f"从{found.deadline.starts}起算，没有中止、中断、延长的情形。",
            "日期以送达回证、合同、证据上写的为准；拿不准就按早的算，别等最后一天。",
        ),
        citations=(found.deadline.law, *found.deadline.counted),
    )
