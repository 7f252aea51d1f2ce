"""Run with the bot's own Python by tests/bot/test_in_rasa.py."""

import logging
import random
import unittest
from datetime import datetime

from bot.entities import PLACE_TIME, EntityFinder

NOW = datetime(2026, 11, 24, 10, tzinfo=PLACE_TIME)  # a Tuesday


class EntitiesTest(unittest.TestCase):
    finder: EntityFinder

    @classmethod
    def setUpClass(cls) -> None:
        cls.finder = EntityFinder()

    def found(self, text: str, kind: str) -> "dict[str, object]":
        return {text[e.start : e.end]: e.value for e in self.finder.find(text, NOW) if e.kind == kind}

    def check(self, kind: str, said: "dict[str, dict[str, object]]") -> None:
        for text, expected in said.items():
            with self.subTest(text):
                self.assertEqual(self.found(text, kind), expected)

    def test_sums_in_every_form(self) -> None:
        self.check("amount", {
            "借给他3万5，一分没还": {"3万5": [35000, 35000]},
            "老板欠我两万多块": {"两万多块": [20000, 30000]},
            "花了五千八百元": {"五千八百元": [5800, 5800]},
            "2.5w还是3w": {"2.5w": [25000, 25000], "3w": [30000, 30000]},
            "十来万的车，首付20几万": {"十来万": [100000, 200000], "20几万": [200000, 300000]},
            "几千块钱，三五千块吧": {"几千块钱": [1000, 10000], "三五千块": [3000, 5000]},
            "一共1,200元": {"1,200元": [1200, 1200]},
            "房租每月1500，押金三千": {"1500": [1500, 1500], "三千": [3000, 3000]},
            "3万5千块": {"3万5千块": [35000, 35000]},
        })  # fmt: skip

    def test_what_is_counted_is_no_money(self) -> None:
        for text in (
            "买了套120平的房",
            "欠了3个月",
            "2023年的事",
            "罚了3次",
            "赔了半天",
            "5千米",
            "工伤九级",
            "三千人签了名",
        ):
            with self.subTest(text):
                self.assertEqual(self.found(text, "amount"), {})

    def test_dates_are_resolved_against_today(self) -> None:
        self.check("date", {
            "去年三月借的": {"去年三月": ["2025-03-01", "2025-03-31"]},
            "上周五下午三点被撞": {"上周五下午三点": ["2026-11-20", "2026-11-20"]},
            "下个月15号开庭": {"下个月15号": ["2026-12-15", "2026-12-15"]},
            "2024年10月1日到2025年3月31日": {"2024年10月1日到2025年3月31日": ["2024-10-01", "2025-03-31"]},
            "昨天收到判决": {"昨天": ["2026-11-23", "2026-11-23"]},
            "到现在一分没给": {},
        })  # fmt: skip

    def test_durations(self) -> None:
        self.check("duration", {
            "离职十个月了": {"十个月": "P10M"},
            "说好半年还": {"半年": "P6M"},
            "到现在一年零三个月": {"一年零三个月": "P1Y3M"},
            "结婚十几年了": {"十几年": "P10Y"},
            "拖了两三个月": {"两三个月": "P2M"},
            "一周内付清": {"一周内": "P7D"},
            "15个工作日": {"15个工作日": None},
        })  # fmt: skip

    def test_ages(self) -> None:
        self.check("age", {
            "孩子一岁半": {"一岁半": 1.5},
            "儿子8个月大": {"8个月大": 0.67},
            "婆婆78岁，我今年35": {"78岁": 78, "今年35": 35},
            "今年3万块": {},
        })  # fmt: skip

    def test_people_organisations_and_places_to_the_district(self) -> None:
        text = "山东省泰安市岱岳区的泰安华盛建筑公司欠工资，包工头叫张德利，在肥城干的活"
        self.assertEqual(self.found(text, "person"), {"张德利": None})
        self.assertEqual(self.found(text, "organisation"), {"泰安华盛建筑公司": None})
        taian = {"province": "山东省", "city": "泰安市"}
        self.assertEqual(
            self.found(text, "place"),
            {"山东省泰安市岱岳区": {**taian, "county": "岱岳区"}, "肥城": {**taian, "county": "肥城市"}},
        )

    def test_numbers_to_mask(self) -> None:
        text = "我叫王某，电话13000000000，身份证370900199901010000"
        self.assertEqual(set(self.found(text, "phone")), {"13000000000"})
        self.assertEqual(set(self.found(text, "id_number")), {"370900199901010000"})

    def test_any_text_is_borne_and_leaves_no_trace_in_the_log(self) -> None:
        letters = "三万5千块1.2w岁个月年前上周多几来了，。0号内今年房租每 天半欠𠀀é😀零〇亿%"
        chance = random.Random(0)
        with self.assertNoLogs(level=logging.DEBUG):
            for _ in range(3000):
                text = "".join(chance.choices(letters, k=chance.randrange(30)))
                ends = 0
                for entity in self.finder.find(text, NOW):
                    self.assertLess(entity.start, entity.end, text)
                    self.assertGreaterEqual(entity.start, ends, text)
                    ends = entity.end
                self.assertLessEqual(ends, len(text))


if __name__ == "__main__":
    unittest.main()
