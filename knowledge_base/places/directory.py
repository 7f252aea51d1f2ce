"""Looking institutions up by service, district, distance and whether they are open.

``python -m knowledge_base.places.directory [FILE]`` checks a table and says what it holds.
"""

import math
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import get_args

from knowledge_base.answers import CONTENT
from knowledge_base.errors import ContentError
from knowledge_base.places.institution import SERVICES, Institution, Service, districts
from knowledge_base.places.table import load
from knowledge_base.reloading import Reloading
from knowledge_base.workdays import PLACE_TIME

INSTITUTIONS = CONTENT / "institutions.csv"
EARTH_KM = 6371.0


@dataclass(frozen=True)
class Found:
    """One result: its distance in km if both places are known, whether it is open, and while it is not, when next."""

    institution: Institution
    distance_km: float | None
    open: bool
    next_opening: datetime | None

    @property
    def told(self) -> str:
        """Where it is and when to go, in one line."""
        one = self.institution
        now = "现在开门" if self.open else "现在没开门"
        if self.next_opening:
            now += f"，{self.next_opening.month}月{self.next_opening.day}日{self.next_opening:%H:%M}开"
        far = f"，离您约 {self.distance_km:.1f} 公里" if self.distance_km is not None else ""
        sample = "（示例数据，不是真实机构）" if one.sample else ""
        return f"{one.name}{sample}：{one.address}{far}，电话 {one.phone}，{one.hours}（{now}）"


@dataclass(frozen=True)
class Directory:
    """Every institution of the city."""

    institutions: tuple[Institution, ...]

    def search(
        self,
        service: Service | None = None,
        district: str | None = None,
        open_now: bool = False,
        near: tuple[float, float] | None = None,
        moment: datetime | None = None,
        limit: int = 10,
    ) -> list[Found]:
        """At most ``limit`` institutions, nearest first, those at unknown distance by district and name.

        ``district`` leaves those of that district; if it has none that fit, those that serve the whole city.
        ``near`` is (longitude, latitude) in degrees; ``moment`` is now unless told, see `Hours.open_at`.

        Raises:
            ValueError: ``near`` is no place on earth, as when the two are swapped.
        """
        if near and not (abs(near[0]) <= 180 and abs(near[1]) <= 90):
            raise ValueError(f"{near} is not (longitude, latitude)")
        moment = moment or datetime.now(PLACE_TIME)
        fitting = [
            one
            for one in self.institutions
            if service in (None, one.service) and (not open_now or one.hours.open_at(moment))
        ]
        if district:
            own = [one for one in fitting if one.district == district]
            fitting = own or [one for one in fitting if one.district == districts()[-1]]
        ranked = sorted(((_distance(near, one.place), one) for one in fitting), key=_rank)
        return [_found(one, distance, moment) for distance, one in ranked[: max(limit, 0)]]


def _distance(near: tuple[float, float] | None, place: tuple[float, float] | None) -> float | None:
    """Kilometres along the great circle between two (longitude, latitude)."""
    if near is None or place is None:
        return None
    east, north, east2, north2 = map(math.radians, (*near, *place))
    half = math.sin((north2 - north) / 2) ** 2
    half += math.cos(north) * math.cos(north2) * math.sin((east2 - east) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _rank(pair: tuple[float | None, Institution]) -> tuple[float, int, str]:
    distance, one = pair
    return math.inf if distance is None else distance, districts().index(one.district), one.name


def _found(one: Institution, distance: float | None, moment: datetime) -> Found:
    is_open = one.hours.open_at(moment)
    return Found(one, distance, is_open, None if is_open else one.hours.next_opening(moment))


def default_path() -> Path:
    """``FAZHU_INSTITUTIONS``, else the sample that is shipped."""
    return Path(os.environ.get("FAZHU_INSTITUTIONS") or INSTITUTIONS)


def _load() -> Directory:
    return Directory(tuple(load(default_path())))


# The city's directory.
directory: Callable[[], Directory] = Reloading(lambda: [default_path()], _load)


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print("usage: python -m knowledge_base.places.directory [FILE]")
        return 2
    path = Path(arguments[0]) if arguments else default_path()
    try:
        institutions = load(path)
    except ContentError as error:
        print(error)
        return 1
    print(f"{path}: {len(institutions)} institutions, {sum(one.sample for one in institutions)} of them samples")
    for service in get_args(Service):
        held = Counter(one.district for one in institutions if one.service == service)
        where = ", ".join(f"{name} {held[name]}" for name in districts() if held[name])
        print(f"{SERVICES[service]} {held.total()}" + (f": {where}" if where else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
