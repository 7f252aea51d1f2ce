"""Nothing of a citizen is in any log of the running product, whatever is done with their ticket."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.services import ROOT, Product

NAME, PHONE, MATTER, COMMENT = "诸葛铁柱", "13000007654", "老板拖欠我七万零三百元工资", "回复得很及时顶呱呱"
WORDS = (NAME, PHONE, MATTER, COMMENT, "七万零三百")
ANSWER = """
from referrals.lifecycle import SYSTEM
from referrals.store import engine
from referrals.work import Told, take_step
from tests.referrals.desk import a_person
lawyer = a_person(engine())
take_step({code!r}, "assign", SYSTEM, Told(assignee=lawyer.staff_id))  # also if the worker was quicker
take_step({code!r}, "accept", lawyer)
take_step({code!r}, "reply", lawyer, Told(note="可以申请劳动仲裁。"))
"""


def register(product: Product) -> tuple[str, str]:
    """A ticket made in a conversation: its code and PIN."""
    chat = product.chat()
    for said in ("转人工", "同意", MATTER, "泰山区", NAME, PHONE, "律师咨询"):
        turn = chat.say(said)
    assert "请核对" in turn["replies"][-1]["text"]
    turn = chat.say("提交")
    pin = turn["replies"][-1]["text"].split("查询码：")[1][:6]
    return turn["ticket"]["code"], pin


def answer(product: Product, code: str) -> None:
    """What a lawyer does at the desk, on the product's own database."""
    program = [sys.executable, "-c", ANSWER.format(code=code)]
    subprocess.run(program, cwd=ROOT, env=product.environment, check=True, timeout=60)


@pytest.fixture(scope="module")
def used(product: Product) -> tuple[Product, str, str]:
    """The product after a ticket was made, looked up rightly and wrongly, answered, judged, exported and deleted."""
    code, pin = register(product)
    with httpx.Client(base_url=product.url, trust_env=False, timeout=15) as http:
        url, form = f"/api/v1/tickets/{code}", {"code": code, "pin": pin}
        assert http.get(url, params={"secret": pin}).status_code == 200
        assert http.get(url, params={"secret": NAME}).status_code == 404
        assert http.post(f"{url}/rating", json={"secret": pin, "grade": 5, "comment": COMMENT}).status_code == 409
        assert http.post("/ticket", data={**form, "do": "urge", "text": COMMENT}).status_code == 200
        answer(product, code)
        rated = http.post(f"{url}/rating", json={"secret": pin, "grade": 5, "comment": COMMENT})
        assert rated.status_code == 200 and rated.json()["rating"] == 5
        assert NAME in http.post("/ticket/export", data=form).text
        assert http.post("/ticket", data={"code": NAME, "pin": PHONE}).status_code == 404
        assert http.get(f"/{NAME}", params={"phone": PHONE}).status_code == 404
        assert http.post(f"{url}/steps", json={"secret": pin, "step": MATTER}).status_code == 422
    return product, code, pin


def test_no_log_holds_a_word_of_the_citizen(used: tuple[Product, str, str]) -> None:
    product, _, pin = used
    logs = [path for path in product.var.rglob("*") if path.is_file() and "log" in path.name]
    assert product.var / "output.log" in logs
    for path in logs:
        _holds_none(path, pin)


def test_no_file_holds_them_either_nor_do_the_figures(used: tuple[Product, str, str]) -> None:
    product, code, pin = used
    for path in product.var.rglob("*"):
        if path.is_file():
            _holds_none(path, pin)
    figures = httpx.get(f"{product.url}/metrics", trust_env=False).text
    assert "fazhu_" in figures
    assert not [word for word in (*WORDS, code) if word in figures]


def _holds_none(path: Path, pin: str) -> None:
    content = path.read_bytes()
    for word in (*WORDS, f"secret={pin}"):
        forms = {word.encode(), word.encode("gb18030"), word.encode("unicode_escape")}
        assert not [form for form in forms if form in content], path.name
