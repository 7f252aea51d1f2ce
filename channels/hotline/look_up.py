"""A ticket looked up by keypad. A code has two letters: the service's is chosen from a list, the check character need
not be keyed in, for it follows from the rest. So code and PIN are complete, as everywhere else."""

import re
from datetime import datetime

from stdnum.iso7064 import mod_37_36

from channels.hotline import lines
from channels.hotline.answer import Answer, read_out
from channels.hotline.numerals import heard_digits
from channels.hotline.turn import Turn
from referrals.codes import SERVICE_LETTERS, make_code, read_code
from referrals.intake import region

MISSES = 3  # look-ups that find nothing, a call; five wrong PINs lock the ticket besides
_REGION, _DAY, _SERIAL = 6, 8, 4  # digits; a serial may be longer
SHORTEST = _DAY + _SERIAL


async def begin(turn: Turn) -> Answer:
    if turn.state.look_ups >= MISSES:
        return Answer(text=lines.TOO_OFTEN)
    return Answer(text=lines.ASK_CODE, collect="code")


async def code(turn: Turn, said: str) -> Answer:
    """``said``: keys, or the code as it was heard."""
    heard = re.sub(r"[\s，。、,-]|字母", "", heard_digits(said))
    if whole := read_code(heard):
        turn.state.code = whole
        return Answer(text=lines.ASK_PIN, collect="pin")
    turn.state.code_keys = re.sub(r"\D", "", heard)
    if len(turn.state.code_keys) < SHORTEST:
        return Answer(text=lines.CODE_WRONG, collect="code")
    letters, menu = read_out([(letter, f"do:letter:{service}") for service, letter in SERVICE_LETTERS.items()])
    return Answer(text=lines.ASK_LETTER.format(letters=letters), menu=menu)


async def letter(turn: Turn, service: str) -> Answer:
    found = code_of(turn.state.code_keys, service)
    if found is None:
        return Answer(text=lines.CODE_WRONG, collect="code")
    turn.state.code = found
    return Answer(text=lines.ASK_PIN, collect="pin")


async def pin(turn: Turn, said: str) -> Answer:
    keys = re.sub(r"\D", "", heard_digits(said))
    if len(keys) != 6:
        return Answer(text=lines.PIN_WRONG, collect="pin")
    answer = await turn.ask(f"查工单 {turn.state.code} {keys}")
    if turn.told is None or turn.told.ticket:
        return answer
    turn.state.look_ups += 1
    return Answer(text=lines.NOT_FOUND if turn.state.look_ups < MISSES else lines.TOO_OFTEN)


def code_of(keys: str, service: str) -> str | None:
    """The code whose digits were keyed in, with or without the region and a check digit; None where there is none."""
    place, rest = region().code, keys
    if len(keys) >= _REGION + SHORTEST:
        place, rest = keys[:_REGION], keys[_REGION:]
    day, serial = rest[:_DAY], rest[_DAY:]
    try:
        date = datetime.strptime(day, "%Y%m%d").date()
    except ValueError:
        return None
    if not _SERIAL <= len(serial) <= _SERIAL + 2:
        return None
    body = f"{place}{day}{SERVICE_LETTERS[service]}{serial[:_SERIAL]}"
    if len(serial) == _SERIAL + 1 and mod_37_36.calc_check_digit(body) == serial[-1]:
        serial = serial[:-1]
    if len(serial) > _SERIAL and serial.startswith("0"):  # longer serials have no zeros in front
        return None
    return make_code(place, date, service, int(serial))
