"""Short things a caller says that are meant for the telephone, not for the conversation."""

import re

from channels.hotline.answer import Answer
from channels.hotline.numerals import digit_of, heard_digits

LONGEST = 15  # characters; what is longer is a matter, not a command

_COMMANDS = (
    ("more", r"(请|你)?(继续|接着|往下|说下去)[说讲吧啊呀]*"),
    ("again", r".{0,3}(再说|重复|再讲|重说|再念)(一?[遍次下])?[吧呢]?|.{0,2}没听(清|见|到).{0,3}|重听|(你)?说(的)?(什么|啥)"),
    ("slower", r".{0,4}(慢|慢一)(点|些|点儿)[说讲吧啊]*|.{0,3}太快了?"),
    ("human", r".{0,6}(转人工|人工(?!智能|流产|授精|费)(服务|客服|座席|坐席)?|真人).{0,3}"),
    ("ticket", r".{0,4}查.{0,4}(工单|进度|单子).{0,3}"),
    ("register", r"(我|要|想|请|帮我|给我)*(登记|回电|登记回电|登记工单|回拨|打回来)(给我|一下|吧)*"),
    ("bye", r"(好的?|行|嗯|谢谢|没事了|没有了|那就这样|先这样)?(谢谢)?(再见|拜拜|挂了)(了|吧)?"),
)  # fmt: skip
_MENU = re.compile(r"(返回|回)?(主菜单|上一级)|返回")
_YES = re.compile(r"(对|是|好|行|可以|要|需要|同意|嗯+|确定|没错|用|就用)[的了啊吧呀对是好个这它]*")
_NO = re.compile(r"(不|不是|不对|不要|不用|不用了|不需要|不同意|不行|错了?|算了|不了)[的了啊吧呀]*")
_KEY = re.compile(r"(按|选|第|要)?([一二两三四五六七八\d])(个|项|号|号键|键)?")


def command(text: str, in_form: bool) -> str | None:
    """The name of an action of `channels.hotline.talk`. A form has its own way back."""
    if len(text) > LONGEST:
        return None
    if _MENU.fullmatch(text) and not in_form:
        return "back"
    return next((name for name, says in _COMMANDS if re.fullmatch(says, text)), None)


def yes_or_no(text: str) -> bool | None:
    return True if _YES.fullmatch(text) else False if _NO.fullmatch(text) else None


def holds_digits(text: str) -> bool:
    """Whether it can be part of a code: who is asked for one may also say something else."""
    return len(re.sub(r"\D", "", heard_digits(text))) > 2


def key_named(text: str, now: Answer) -> str | None:
    """第二个 is key 2; so is 不用 where the question was one of yes or no."""
    if found := _KEY.fullmatch(text):
        return digit_of(found[2])
    wish = yes_or_no(text) if now.yes_no else None
    if wish:
        return "1"
    return "2" if wish is False and now.collect != "phone" else None
