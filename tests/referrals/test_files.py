"""Files of a ticket: which are kept, how, and who opens them."""

import zipfile
from io import BytesIO

import pytest
from sqlalchemy import Engine, select, text

from referrals import audit, files
from referrals.errors import NotAllowed
from referrals.files import FileMissing, FileRefused
from referrals.lifecycle import Actor
from referrals.models import AuditEntry, Ticket
from referrals.roles import Role
from referrals.store import session
from tests.referrals.desk import a_person, a_ticket

SUPERVISOR = Role.SUPERVISOR


def office(kind: str, part: str, *more: str, main: str = "main+xml") -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{kind}.{main}"/></Types>')
        for name in (part, *more):
            archive.writestr(name, "<x/>")
    return written.getvalue()


DOCX = office("wordprocessingml.document", "word/document.xml")
XLSX = office("spreadsheetml.sheet", "xl/workbook.xml")
GOOD = {
    "合同.pdf": b"%PDF-1.7\n",
    "照片.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "照片.jpeg": b"\xff\xd8\xff\xe1",
    "截图.png": b"\x89PNG\r\n\x1a\n\x00",
    "起诉状.docx": DOCX,
    "工资表.xlsx": XLSX,
    "说明.txt": "老板欠我工资\r\n".encode(),
    "说明二.txt": "老板欠我工资".encode("gb18030"),
    "录音.mp3": b"ID3\x04",
    "录音二.mp3": b"\xff\xfb\x90\x00",
    "录音.wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "录音.m4a": b"\x00\x00\x00\x20ftypM4A \x00",
}
BAD = {
    "macro": ("起诉状.docm", DOCX),
    "macro under another name": (
        "起诉状.docx", office("wordprocessingml.document", "word/document.xml", "word/vbaProject.bin"),
    ),
    "macro type under another name": (
        "起诉状.docx",
        office("application/vnd.ms-word.document.macroEnabled wordprocessingml.document", "word/document.xml"),
    ),
    "program inside": ("起诉状.docx", office("wordprocessingml.document", "word/document.xml", "word/media/a.exe")),
    "table as letter": ("起诉状.docx", XLSX),
    "any zip": ("起诉状.docx", office("x", "a.txt")),
    "half a zip": ("起诉状.docx", DOCX[:40]),
    "no zip": ("工资表.xlsx", b"PK\x03\x04nonsense"),
    "program": ("发票.exe", b"MZ\x90\x00"),
    "program as PDF": ("发票.pdf", b"MZ\x90\x00"),
    "program as text": ("发票.txt", b"MZ\x90\x00"),
    "script as text": ("发票.txt", b"#!/bin/sh\nrm -r /\n"),
    "bytes as text": ("发票.txt", b"ok\x00\x01"),
    "picture as PDF": ("发票.pdf", b"\xff\xd8\xff\xe0"),
    "video as sound": ("录音.wav", b"RIFF\x24\x00\x00\x00AVI LIST"),
    "page": ("说明.html", b"<p>"),
    "no extension": ("说明", b"abc"),
    "extension only": (".pdf", b"%PDF-"),
    "empty": ("说明.txt", b""),
    "path": ("../说明.txt", b"abc"),
    "Windows path": ("C:\\说明.txt", b"abc"),
    "backwards": ("说明\u202etxt.pdf", b"%PDF-"),
    "new line": ("说明\n.txt", b"abc"),
    "long name": ("说" * 120 + ".txt", b"abc"),
    "too large": ("说明.txt", b"a" * (files.LIMIT + 1)),
}  # fmt: skip


def put(database: Engine, code: str, actor: Actor, name: str, content: bytes) -> int:
    with session(database) as db:
        ticket = db.scalar(select(Ticket).filter_by(code=code))
        assert ticket
        return files.put(db, ticket, actor, name, content).id


def get(database: Engine, code: str, actor: Actor, id: int) -> bytes:
    with session(database) as db:
        ticket = db.scalar(select(Ticket).filter_by(code=code))
        assert ticket
        return files.get(db, ticket, actor, id).content


def test_every_kind_comes_back_as_it_was(database: Engine) -> None:
    code, supervisor = a_ticket(database).code, a_person(database, SUPERVISOR)
    for name, content in GOOD.items():
        assert get(database, code, supervisor, put(database, code, supervisor, name, content)) == content
    with session(database) as db:
        ticket = db.scalar(select(Ticket))
        assert ticket and [kept.name for kept in files.of(db, ticket)] == list(GOOD)


def test_what_is_not_wanted_is_refused_with_a_reason(database: Engine) -> None:
    code, supervisor = a_ticket(database).code, a_person(database, SUPERVISOR)
    for case, (name, content) in BAD.items():
        with pytest.raises(FileRefused, match=r"。$"):
            put(database, code, supervisor, name, content)
            pytest.fail(f"{case} was kept")
    with session(database) as db:
        assert db.scalar(text("SELECT count(*) FROM ticket_files")) == 0


def test_files_are_encrypted_at_rest(database: Engine) -> None:
    code, supervisor = a_ticket(database).code, a_person(database, SUPERVISOR)
    put(database, code, supervisor, "王女士的话.txt", "老板拖欠工资".encode())
    with session(database) as db:
        name, content = db.execute(text("SELECT name, content FROM ticket_files")).one()
    assert "王女士" not in name and "老板".encode() not in bytes(content)


def test_a_ticket_has_room_for_twenty(database: Engine) -> None:
    code, supervisor = a_ticket(database).code, a_person(database, SUPERVISOR)
    for number in range(files.MOST):
        put(database, code, supervisor, f"{number}.txt", b"abc")
    with pytest.raises(FileRefused, match="20"):
        put(database, code, supervisor, "more.txt", b"abc")


def test_only_who_sees_the_whole_ticket_opens_its_files(database: Engine) -> None:
    code, other = a_ticket(database).code, a_ticket(database).code
    supervisor = a_person(database, SUPERVISOR)
    id = put(database, code, supervisor, "说明.txt", b"abc")
    for role in (Role.WORKER, Role.DISPATCHER, Role.ADMINISTRATOR, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            get(database, code, a_person(database, role), id)
    with pytest.raises(FileMissing):
        get(database, other, supervisor, id)


def test_putting_and_opening_are_audited_without_the_name(database: Engine) -> None:
    code, supervisor = a_ticket(database).code, a_person(database, SUPERVISOR)
    get(database, code, supervisor, put(database, code, supervisor, "王女士.txt", b"abc"))
    with session(database) as db:
        entries = db.scalars(select(AuditEntry).where(AuditEntry.action.like("file%")).order_by(AuditEntry.seq)).all()
        assert [(e.action, e.subject, e.actor) for e in entries] == [
            ("file_put", code, str(supervisor)), ("file_get", code, str(supervisor)),
        ]  # fmt: skip
        assert not any("王女士" in e.details for e in entries)
    assert audit.verify(database).broken is None
