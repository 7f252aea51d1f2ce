"""People at the desk for tests: accounts with passwords, and browsers that are signed in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from fastapi.testclient import TestClient

from referrals import passwords
from referrals.lifecycle import Actor
from referrals.models import Staff
from referrals.roles import Role
from referrals.store import engine, session
from tests.referrals.desk import a_person

PASSWORD = "梧桐叶落满长街 2026"
_clients = count(10)


def an_account(role: Role, **fields: object) -> Actor:
    """Somebody who can sign in with `PASSWORD`."""
    person = a_person(engine(), role, **fields)
    with session() as db:
        known = db.get(Staff, person.staff_id)
        assert known
        known.password_hash, known.must_change = passwords.hashed(PASSWORD), False
    return person


class Browser:
    """A browser at the desk; forms carry the token of the page they stand on."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.csrf = ""

    def sign_in(self, login: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
        self.client.cookies.clear()
        response = self.client.post("/desk/login", data={"login": login, "password": password}, follow_redirects=False)
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/desk/password").text)
        self.csrf = found[1] if found else ""
        return response

    def get(self, url: str, **fields):  # type: ignore[no-untyped-def]
        return self.client.get(url, follow_redirects=False, **fields)

    def post(self, url: str, data: dict[str, object] | None = None, **fields):  # type: ignore[no-untyped-def]
        return self.client.post(url, data={"csrf": self.csrf, **(data or {})}, follow_redirects=False, **fields)


@contextmanager
def at_the_desk(client: TestClient, person: Actor) -> Iterator[Browser]:
    browser = Browser(client)
    response = browser.sign_in(person.login)
    assert response.status_code == 303, response.text
    yield browser
    client.cookies.clear()
