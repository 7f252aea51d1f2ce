"""WeChat's messages are read; whatever else comes is no message, and never an unexpected error."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.incoming import BadMessage, read
from tests.wechat_server import event, message


def test_each_kind_is_read() -> None:
    text = read(message("text", id=7, Content="老板不发工资", bizmsgmenuid="查工单 1"))
    assert (text.kind, text.text, text.choice, text.key) == ("text", "老板不发工资", "查工单 1", "wx-7")
    assert (text.openid, text.account, text.is_event) == ("o-citizen-1", "gh_fazhu", False)
    assert abs(text.at - time.time()) < 5
    assert read(message("voice", MediaId="m", Recognition="怎么离婚。")).text == "怎么离婚。"
    assert read(message("voice", MediaId="m")).text == read(message("voice", MediaId="m", Recognition="")).text == ""
    assert read(message("image", MediaId="m1", PicUrl="http://x")).media == "m1"
    assert read(message("location", Location_X="36.19", Location_Y="117.13", Scale=16)).place == (117.13, 36.19)
    assert read(event("SCAN", EventKey="370900")).scene == "370900"
    assert read(event("subscribe", EventKey="qrscene_370900")).scene == "370900"
    assert read(event("subscribe", EventKey="qrscene_370900")).kind == read(event("subscribe")).kind == "subscribe"
    assert read(event("CLICK", EventKey="human")).scene == "human"
    assert read(event("VIEW", EventKey="https://x.example/")).kind == "view"
    assert read(message("hologram")).kind == "hologram"


@pytest.mark.parametrize("x", ["", "北", "nan", "inf", None])
def test_a_place_that_is_none_is_left_out(x: str | None) -> None:
    assert read(message("location", Location_X=x, Location_Y="117.13")).place is None


def test_a_message_is_known_by_its_id_and_an_event_by_who_when_and_what() -> None:
    assert read(message("text", id=7, Content="一")).key == read(message("text", id=7, Content="二")).key
    assert read(message("text", Content="一")).key != read(message("text", Content="一")).key
    same = {read(event("CLICK", at=1, EventKey="human")).key for _ in range(2)}
    others = {
        read(event("CLICK", at=2, EventKey="human")).key,
        read(event("CLICK", at=1, EventKey="help")).key,
        read(event("SCAN", at=1, EventKey="human")).key,
        read(event("CLICK", at=1, EventKey="human", openid="o-2")).key,
    }
    assert len(same) == 1 and len(others) == 4 and not same & others
    assert "o-citizen-1" not in next(iter(same))


@pytest.mark.parametrize(
    "xml",
    [
        "", " ", "你好", "<xml>", "<xml/>", "<a/>", "<xml>text</xml>", "<xml><MsgType>text</MsgType></xml>",
        message("text").replace("<MsgType>text</MsgType>", "<MsgType/>"),
        message("text").replace("<MsgType>text</MsgType>", "<MsgType><a>1</a></MsgType>"),
        message("text").replace("<MsgType>text</MsgType>", "<MsgType>text</MsgType>" * 2),
        message("text", Content="x").replace("<Content>x</Content>", "<Content><a>1</a></Content>"),
        message("text", Content="x").replace("<Content>x</Content>", "<Content>x</Content>" * 2),
        message("text", openid="o]]><x>"), message("text", openid="o" * 65), message("text", openid=""),
        message("text", CreateTime="soon"), message("text", CreateTime=""), message("text", MsgId="one"),
        message("text", CreateTime="9" * 5000),
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        "<xml><MsgType>text</MsgType>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
        "{}", "\x00",
    ],
)  # fmt: skip
def test_what_is_no_message_is_told_and_nothing_else_is_raised(xml: str) -> None:
    with pytest.raises(BadMessage):
        read(xml)


@given(
    st.text(max_size=60),
    st.sampled_from(["Content", "MsgId", "CreateTime", "MsgType", "Event", "EventKey", "Location_X"]),
)
def test_no_value_of_a_field_is_too_strange(value: str, name: str) -> None:
    whole = message("text", Content="x") if name != "Location_X" else message("location", Location_Y="1")
    with suppress(BadMessage):
        read(whole.replace("</xml>", f"<{name}><![CDATA[{value}]]></{name}></xml>"))
