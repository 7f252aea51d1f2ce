"""What a referral asks a citizen, step by step.

One description serves the Rasa form and the gateway when Rasa is away: `prompt` says what to ask,
`take` what an answer does to the draft. Nothing here knows of either.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu_data.taxonomy import taxonomy

CONSENT_VERSION = "2026-11"
ANONYMOUS = "匿名"
NO_PHONE = "不留电话"
MATTER_LIMIT = 1000
NAME_LIMIT = 20
OPPONENT_LIMIT = 60
NEEDS_LIMIT = 20

CHANNELS = {"web": "网页", "kiosk": "自助机", "wechat": "微信", "hotline": "热线"}
SERVICES = {slug: service.title for slug, service in taxonomy().services.items()}
_SERVICE_WORDS = {
    "legal_aid": ("法律援助", "法援", "援助"),
    "mediation": ("调解",),
    "notary": ("公证",),
    "appraisal": ("鉴定",),
    "arbitration": ("仲裁",),
    "lawyer": ("律师", "咨询"),
}

CONSENT_TEXT = (
    "转人工前请您知悉：我们会登记您说的事情、所在区县、称呼和电话，只用于安排律师、调解员或法律援助人员"
    "联系您，加密保存，办结后按规定期限删除；称呼可以匿名，电话可以不留。您随时可以说“取消”。"
    "不同意也能继续在这里咨询。您同意登记吗？"
)


_ABOUT_REGISTERING = (
    (re.compile(r"收费|收[我您你]?.{0,1}钱|要钱|花钱|免费"), "登记不收费，这里也不会要您转账。"),
    (
        re.compile(r"告诉|知道吗|泄露|泄密|保密|安全吗|谁(?:能|会|可以)?看"),
        "您填的内容加密保存，只有办理这件事的工作人员能看，不会告诉对方，也不会告诉您的家人和单位。",
    ),
    (re.compile(r"多久|多长时间|什么时候|几天|啥时候"), "登记好以后，会马上告诉您预计什么时候有人联系。"),
    (re.compile(r"骗|真的假的|可靠|靠谱"), "这里是公共法律服务咨询，不放心可以拨打 12348 核实。"),
)


class Field(StrEnum):
    """The steps, in the order they are asked. Opponent and needs are only asked of who wants to say them."""

    CONSENT = "consent"
    MATTER = "matter"
    DISTRICT = "district"
    CONTACT_NAME = "contact_name"
    PHONE = "phone"
    SERVICE = "service"
    OPPONENT = "opponent"
    NEEDS = "needs"
    CONFIRMED = "confirmed"


_TITLES = {
    Field.MATTER: "事情",
    Field.DISTRICT: "区县",
    Field.CONTACT_NAME: "称呼",
    Field.PHONE: "电话",
    Field.SERVICE: "服务",
    Field.OPPONENT: "对方",
    Field.NEEDS: "特殊需要",
}
_BLANK = {Field.OPPONENT: "没有填（填了可以避开和对方有关系的律师）", Field.NEEDS: "没有"}
_TITLE_WORDS = {
    Field.MATTER: "事情|事由|内容|情况",
    Field.DISTRICT: "区县|地区|地址|地方",
    Field.CONTACT_NAME: "称呼|姓名|名字",
    Field.PHONE: "电话|手机|号码|联系方式",
    Field.SERVICE: "服务|服务类型",
    Field.OPPONENT: "对方(?:是谁|名字|姓名|单位)?",
    Field.NEEDS: "特殊需要|需要|语言",
}
# Needs that are told along the way; a worker who can meet them is looked for.
_NEEDS = {
    "手语": re.compile(r"聋哑|聋人|手语|我(?:是|们).{0,3}聋|听力残疾"),
    "英语": re.compile(r"英语|讲英文|说英文|English", re.I),
}


@dataclass(frozen=True)
class Draft:
    """What has been gathered. None is to be asked; an empty opponent or need is not."""

    consent: bool | None = None
    matter: str | None = None
    district: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    service: str | None = None
    confirmed: bool | None = None
    opponent: str | None = ""
    needs: str | None = ""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Draft":
        return cls(**{field.value: values[field.value] for field in Field if field.value in values})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def put(self, field: Field, value: str) -> "Draft":
        changed: dict[str, Any] = {field.value: value}
        return replace(self, **changed)

    @property
    def next_field(self) -> Field | None:
        return next((f for f in Field if getattr(self, f.value) is None), None)


@dataclass(frozen=True)
class Suggestion:
    """What the conversation already knows."""

    matter: str = ""
    service: str = "lawyer"


@dataclass(frozen=True)
class Prompt:
    text: str
    buttons: tuple[str, ...] = ()


class Outcome(StrEnum):
    ASK = "ask"  # go on with draft.next_field
    SIDE_QUESTION = "side_question"  # answer it, then ask again
    CANCELLED = "cancelled"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Step:
    draft: Draft
    outcome: Outcome
    notice: str = ""  # said before the next prompt


@dataclass(frozen=True)
class Region:
    code: str
    city: str
    districts: tuple[str, ...]
    elsewhere: str


@cache
def region() -> Region:
    data = yaml.safe_load((Path(__file__).parent / "region.yml").read_text(encoding="utf-8"))
    return Region(data["code"], data["city"], tuple(data["districts"]), data["elsewhere"])


NOTHING = "没有"
USE_SUGGESTED = "就用刚才说的"
SUBMIT = "提交"
CANCEL = "取消"

_CANCEL = re.compile(r"(取消|不办了|不转了|不登记了|不弄了|不填了|不用了|算了|退出|停止|别转了)[吧了啊呀。！!]*$")
_YES = re.compile(
    r"^(我)?(同意|可以|好的?|行|是的?|对的?|嗯+|ok|没问题|愿意|确认|提交|确定|没错|登记吧)[的吧了啊呀呢。！!，,]*$",
    re.I,
)
_NO = re.compile(r"^(我)?(不同意|不可以|不行|不要|不愿意|不|拒绝|别)[的吧了啊呀。！!]*$")
_NOT_NOW = re.compile(r"^(?:不同意|不用|先不|暂时不|等一?下再|我先看看|再想想|我?再考虑)")
_QUESTION = re.compile(r"[?？]|吗|怎么|多少|什么|为啥|为何|哪|几时|谁|么$|呢$|多久|(.)不\1|有没有")
_NAME = re.compile(
    r"^(?:我叫|我是|叫我|称呼我|我姓|姓名[是:：]?|名字[是:：]?|叫|姓)?\s*([\u4e00-\u9fff·]{1,8}|[A-Za-z][A-Za-z .]{1,18})[。.]?$"
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}\d{7,8}(?!\d)")
_ANONYMOUS = re.compile(r"匿名|不(?:想|愿意?|方便|能)?(?:说|留|写|填|透露|告诉)?(?:名字|姓名|称呼|真名)|保密")
_NO_PHONE = re.compile(
    r"不(?:想|愿意?|方便|能)?留|没(?:有|得)?(?:电话|手机|号码)|^没(?:有|得)[的了啊]?$|^随便|不给|无电话|不说|不(?:想|方便)?(?:说|填|写)"
)
_NONE = re.compile(r"^(?:没有|没|无|不用|不需要|不知道|不清楚|跳过|不说|不填)[了的啊。]?$")
_ANY = re.compile(r"随便|都行|都可以|你(?:们)?定|不知道|不清楚|不懂|看着办")
_LEADING = re.compile(r"^[我]?(?:在|是|住在?|住)|[。.!！，,]|的$|这边|那边")


def prompt(field: Field, draft: Draft, suggestion: Suggestion) -> Prompt:
    """What to say to ask for ``field``."""
    place = region()
    match field:
        case Field.CONSENT:
            return Prompt(CONSENT_TEXT, ("同意", "不同意"))
        case Field.MATTER:
            if suggestion.matter:
                return Prompt(
                    f"您要转人工的是这件事吗：“{_shorten(suggestion.matter)}”？也可以用一两句话另说。",
                    (USE_SUGGESTED, CANCEL),
                )
            return Prompt("请用一两句话说说您的事情：什么时候、和谁、发生了什么、想要什么结果。", (CANCEL,))
        case Field.DISTRICT:
            return Prompt(f"您在{place.city}的哪个区县？", (*place.districts, place.elsewhere))
        case Field.CONTACT_NAME:
            return Prompt("怎么称呼您？也可以匿名。", (ANONYMOUS, CANCEL))
        case Field.PHONE:
            return Prompt("请留一个联系电话。不方便也可以不留，之后凭工单编号和查询码查看答复。", (NO_PHONE, CANCEL))
        case Field.SERVICE:
            first = SERVICES[suggestion.service]
            others = [title for title in SERVICES.values() if title != first]
            return Prompt(f"您希望哪种服务？按您说的情况，建议：{first}。", (first, *others))
        case Field.OPPONENT:
            return Prompt("对方是谁？写姓名或者单位名称就行，只用来避开和对方有关系的承办人。", (NOTHING, CANCEL))
        case Field.NEEDS:
            return Prompt("需要手语、方言、外语，或者别的照顾吗？比如“手语”“行动不便”。", (NOTHING, "手语", CANCEL))
        case Field.CONFIRMED:
            changes = (f"{'改' if getattr(draft, field.value) else '加'}{title}" for field, title in _TITLES.items())
            return Prompt(
                f"请核对：\n{summary(draft)}\n没有问题就提交；要改哪一项，直接说，例如“电话改成……”。",
                (SUBMIT, *changes, CANCEL),
            )


def summary(draft: Draft) -> str:
    """The gathered answers as lines a citizen checks."""
    return "\n".join(f"{title}：{_shown(field, draft)}" for field, title in _TITLES.items())


def _shown(field: Field, draft: Draft) -> str:
    value = str(getattr(draft, field.value) or "")
    if not value:
        return _BLANK[field]
    if field is Field.SERVICE:
        return SERVICES[value]
    return _shorten(value) if field is Field.MATTER else value


def _shorten(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def take(draft: Draft, field: Field, text: str, suggestion: Suggestion) -> Step:
    """What the citizen's ``text``, said when ``field`` was asked, does to the draft."""
    text = text.strip()
    if _CANCEL.search(text) and len(text) <= 12:
        return Step(draft, Outcome.CANCELLED)
    if field is not Field.CONSENT and (corrected := _correct(draft, text, suggestion)):
        return corrected
    if field is Field.CONSENT:
        return _take_consent(draft, text)
    if field is Field.CONFIRMED:
        return _take_confirmation(draft, text)
    value, complaint = parse(field, text, suggestion)
    if value is not None:
        return Step(_with_needs(draft.put(field, value), value), Outcome.ASK)
    if field is not Field.MATTER and _QUESTION.search(text):
        return Step(draft, Outcome.SIDE_QUESTION)
    return Step(draft, Outcome.ASK, complaint)


def _with_needs(draft: Draft, said: str) -> Draft:
    """A need that was told in passing stands on the draft for the citizen to check."""
    told = next((need for need, says in _NEEDS.items() if says.search(said)), None)
    return replace(draft, needs=told) if told and draft.needs == "" else draft


def _take_consent(draft: Draft, text: str) -> Step:
    if _NO.match(text) or _NOT_NOW.match(text):
        return Step(draft, Outcome.CANCELLED)
    if _YES.match(text):
        return Step(replace(draft, consent=True), Outcome.ASK)
    if _QUESTION.search(text):
        return Step(draft, Outcome.SIDE_QUESTION)
    return Step(draft, Outcome.ASK, "登记前需要您说一声“同意”或“不同意”。")


def about_registering(text: str) -> str | None:
    """What is answered at once to a question about being registered itself."""
    return next((answer for asks, answer in _ABOUT_REGISTERING if asks.search(text)), None)


def _take_confirmation(draft: Draft, text: str) -> Step:
    if _YES.match(text):
        return Step(replace(draft, confirmed=True), Outcome.COMPLETE)
    if _NO.match(text):
        return Step(draft, Outcome.ASK, "哪一项要改？说“改电话”“改称呼”这样就行；不想办了就说“取消”。")
    if _QUESTION.search(text):
        return Step(draft, Outcome.SIDE_QUESTION)
    return Step(draft, Outcome.ASK, "没问题请说“提交”，要改请说哪一项，不办了请说“取消”。")


def _correct(draft: Draft, text: str, suggestion: Suggestion) -> Step | None:
    """'电话改成……', '名字写错了', '改区县': a step already answered is set anew or asked again."""
    for field, names in _TITLE_WORDS.items():
        if getattr(draft, field.value) is None or (field in _BLANK and draft.service is None):
            continue  # not answered yet; "对方" before the check belongs to the story
        match = re.match(
            rf"^(?:我想|我要|帮我|请|把|我的?|不对[，,]?)*(?:(?:改|换|修改|更正|重填|加|填)(?:一下|上)?(?:我的)?(?:{names})"
            rf"|(?:{names})(?:我)?(?:应该)?(?:改|换|填错|写错|说错|弄错|错|不对|更正|改一下)了?)"
            r"(?:成|为|是|到|一下|了)*[，,：:\s]*(?:是|应该是|改成)?(.*)$",
            text,
        )
        if not match:
            continue
        cleared = replace(draft, **{field.value: None, "confirmed": None})
        if not match[1]:
            return Step(cleared, Outcome.ASK)
        value, complaint = parse(field, match[1], suggestion)
        if value is None:
            return Step(cleared, Outcome.ASK, complaint)
        return Step(cleared.put(field, value), Outcome.ASK, f"{_TITLES[field]}已改。")
    return None


def parse(field: Field, text: str, suggestion: Suggestion) -> tuple[str | None, str]:
    """(value, "") or (None, what is wrong with ``text`` in words for the citizen)."""
    match field:
        case Field.MATTER:
            return _parse_matter(text, suggestion)
        case Field.DISTRICT:
            return _parse_district(text)
        case Field.CONTACT_NAME:
            return _parse_name(text)
        case Field.PHONE:
            return _parse_phone(text)
        case Field.SERVICE:
            return _parse_service(text, suggestion)
        case Field.OPPONENT:
            return _parse_free(text, OPPONENT_LIMIT)
        case Field.NEEDS:
            return _parse_free(text, NEEDS_LIMIT)
    raise ValueError(f"{field} is not parsed from free text")


def _parse_matter(text: str, suggestion: Suggestion) -> tuple[str | None, str]:
    if suggestion.matter and (text == USE_SUGGESTED or _YES.match(text)):
        return suggestion.matter[:MATTER_LIMIT], ""
    if len(re.sub(r"\W", "", text)) < 6:
        return None, "麻烦多说一点，办理的人才知道怎么帮您。"
    return text[:MATTER_LIMIT], ""


def _parse_district(text: str) -> tuple[str | None, str]:
    place = region()
    for name in (*place.districts, place.elsewhere):
        if name in text or (len(name) > 2 and name[:-1] in text):
            return name, ""
    if re.search(r"外省|外市|别的(?:市|地方)|其他(?:地区|城市|地方)|不在本?市", text):
        return place.elsewhere, ""
    return None, f"没认出区县。请从这些里选：{'、'.join(place.districts)}；都不是就选“{place.elsewhere}”。"


def _parse_name(text: str) -> tuple[str | None, str]:
    asked = _QUESTION.search(text)
    if ANONYMOUS in text or (not asked and _ANONYMOUS.search(text)):
        return ANONYMOUS, ""
    if not asked and (match := _NAME.match(text)) and len(match[1]) <= NAME_LIMIT:
        return match[1].strip(), ""
    return None, "请只写称呼，例如“王女士”；也可以选“匿名”。"


def _parse_phone(text: str) -> tuple[str | None, str]:
    digits = re.sub(r"(?<=\d)[\s\-—－]+(?=\d)", "", text)
    if found := _MOBILE.search(digits) or _LANDLINE.search(digits):
        return found[0], ""
    if re.search(r"\d{3,}", digits):
        return None, "这个号码看起来不对：手机是 11 位，座机请带区号。不方便可以选“不留电话”。"
    if _NO_PHONE.search(text):
        return NO_PHONE, ""
    return None, "请写手机号或带区号的座机号；不方便可以选“不留电话”。"


def _parse_free(text: str, limit: int) -> tuple[str | None, str]:
    if _NONE.match(text):
        return "", ""
    if len(text) > limit:
        return None, f"请写得短一点，{limit} 字以内。"
    return text, ""


def _parse_service(text: str, suggestion: Suggestion) -> tuple[str | None, str]:
    if _ANY.search(text) or _YES.match(text):
        return suggestion.service, ""
    for service, names in _SERVICE_WORDS.items():
        if any(name in text for name in names) and not _QUESTION.search(text):
            return service, ""
    return None, f"请选一种：{'、'.join(SERVICES.values())}；不确定就说“随便”。"
