"""Files of a ticket: only kinds a worker needs, told by their content, encrypted at rest, every access audited."""

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from referrals import audit
from referrals.errors import NotAllowed, Refused
from referrals.lifecycle import Actor
from referrals.masking import sees_whole
from referrals.models import Ticket, TicketFile

LIMIT = 5 * 1024 * 1024  # bytes a file
MOST = 20  # files a ticket
NAME_LIMIT = 120  # characters
_CONTENT_TYPES_LIMIT = 1024 * 1024  # bytes read of an Office file's list of parts; a zip can unpack to anything


class FileRefused(Refused):
    """This file is not kept; the message says why."""


class FileMissing(Refused):
    """The ticket has no such file."""


@dataclass(frozen=True)
class Kind:
    media_type: str
    fits: Callable[[bytes], bool]


def put(db: Session, ticket: Ticket, actor: Actor, name: str, content: bytes) -> TicketFile:
    """Keep a file with a ticket, within the caller's transaction.

    Raises:
        FileRefused: its name, size, kind or content is not accepted, or the ticket has `MOST` files already.
    """
    extension = _checked_name(name)
    _check_content(extension, content)
    db.execute(select(Ticket.id).filter_by(id=ticket.id).with_for_update())  # two uploads at once are counted in turn
    if ticket.purged_at:
        raise FileRefused("工单的内容已删除，不能再添加材料。")
    if (db.scalar(select(func.count()).where(TicketFile.ticket_id == ticket.id)) or 0) >= MOST:
        raise FileRefused(f"一个工单最多 {MOST} 份材料。")
    kept = TicketFile(
        ticket_id=ticket.id, staff_id=actor.staff_id, at=datetime.now(UTC), name=name,
        media_type=KINDS[extension].media_type, size=len(content), content=content,
    )  # fmt: skip
    db.add(kept)
    db.flush()
    audit.record(db, actor, "file_put", ticket.code, file=kept.id, kind=extension, size=len(content))
    return kept


def get(db: Session, ticket: Ticket, actor: Actor, id: int) -> TicketFile:
    """One file with its content.

    Raises:
        NotAllowed: only who sees the whole ticket opens its files.
        FileMissing: it is not there, or another ticket's.
    """
    if not sees_whole(ticket, actor):
        raise NotAllowed("只有承办人和督办可以打开材料。")
    found = db.scalar(select(TicketFile).filter_by(id=id, ticket_id=ticket.id))
    if found is None:
        raise FileMissing("没有这份材料。")
    audit.record(db, actor, "file_get", ticket.code, file=found.id)
    return found


def of(db: Session, ticket: Ticket) -> list[TicketFile]:
    """The files of a ticket, oldest first; their contents are not loaded."""
    return list(db.scalars(select(TicketFile).filter_by(ticket_id=ticket.id).order_by(TicketFile.id)))


_PATH = re.compile(r'[/\\:*?"<>|]|^\.|\.\.')


def _checked_name(name: str) -> str:
    """The extension of an acceptable name."""
    if not name or len(name) > NAME_LIMIT:
        raise FileRefused(f"文件名要在 {NAME_LIMIT} 字以内。")
    # Control characters include the ones that make a name read backwards: gnp.exe shown as exe.png.
    if _PATH.search(name) or any(unicodedata.category(character).startswith("C") for character in name):
        raise FileRefused("文件名里有不能用的符号，请改名后再传。")
    stem, _, extension = name.rpartition(".")
    extension = extension.lower()
    if not stem or extension not in KINDS:
        raise FileRefused(
            "只能传 PDF、图片（JPG、PNG）、Word（docx）、表格（xlsx）、文本（txt）和录音（MP3、WAV、M4A）。"
        )
    return extension


def _check_content(extension: str, content: bytes) -> None:
    if not content:
        raise FileRefused("文件是空的。")
    if len(content) > LIMIT:
        raise FileRefused(f"文件太大了，每份最多 {LIMIT // 1024 // 1024} MB。")
    if not KINDS[extension].fits(content):
        raise FileRefused("文件的内容和文件名对不上，或者带有宏、程序，不能上传。")


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _mp3(content: bytes) -> bool:
    """A tag, or the first frame: eleven set bits and a layer that exists."""
    frame = len(content) > 3 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0 and content[1] & 0x06 != 0
    return content.startswith(b"ID3") or frame


def _wav(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def _m4a(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in (b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"3gp4")


def _text(content: bytes) -> bool:
    """Words only: no script's first line, no bytes that are no characters."""
    if content.startswith((b"#!", b"MZ", b"\x7fELF")):
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(unicodedata.category(character) == "Cc" and character not in "\t\r\n\f" for character in text)
    return False


def _office(part: str, kind: str) -> Callable[[bytes], bool]:
    """An Office file of one kind: its parts say so, and none of them is a macro or another program."""

    def fits(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                names = {name.lower() for name in archive.namelist()}
                with archive.open("[Content_Types].xml") as listed:
                    types = listed.read(_CONTENT_TYPES_LIMIT).decode("utf-8", "replace").lower()
        except (
            zipfile.BadZipFile,
            KeyError,
            OSError,
            RuntimeError,
            NotImplementedError,
            ValueError,
            EOFError,
            zlib.error,
        ):
            return False
        return part in names and kind in types and "macroenabled" not in types and not any(map(_runs, names))

    return fits


def _runs(name: str) -> bool:
    return "vbaproject" in name or "activex" in name or name.endswith((".exe", ".dll", ".js", ".vbs", ".bat", ".ps1"))


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
KINDS = {
    "pdf": Kind("application/pdf", _begins(b"%PDF-")),
    "jpg": Kind("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": Kind("image/jpeg", _begins(b"\xff\xd8\xff")),
    "png": Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "docx": Kind(
        f"{_OPEN_XML}.wordprocessingml.document", _office("word/document.xml", "wordprocessingml.document.main")
    ),
    "xlsx": Kind(f"{_OPEN_XML}.spreadsheetml.sheet", _office("xl/workbook.xml", "spreadsheetml.sheet.main")),
    "txt": Kind("text/plain", _text),
    "mp3": Kind("audio/mpeg", _mp3),
    "wav": Kind("audio/wav", _wav),
    "m4a": Kind("audio/mp4", _m4a),
}
