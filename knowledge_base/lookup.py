"""A citizen who names an article gets that article: 民法典1079条, 劳动合同法第八十二条第一款是什么意思."""

import re

from knowledge_base.articles import Article, short_name
from knowledge_base.citations import Checked, Verdict, check_text
from knowledge_base.lay_index import lay_index
from knowledge_base.replies import ASK_HUMAN, Reply, cite, plain_buttons
from knowledge_base.statutes import corpus

MOST = 3
_LONG = 500  # characters of an article in a chat; the rest is one tap away
# What people say around an article they want to read. Anything beyond it is a question of its own.
_AROUND = re.compile(
    r"请问|请教|帮(?:我|忙)|给我|我想|想要|看一?下|查一?下|看看|查查|说说|解释一?下?|介绍|什么|怎么|意思|内容|原文|条文|"
    r"全文|现在|还|管用|有效|失效|作废|废止|废了|算数|不|规定|说的?|讲的?|写的?|的|是|啥|有|哪些|第|款|项|和|与|至|到|以?及|或者?|[\W_]|[吗呢啊吧呀]|根据|依据|按照?|中华人民共和国|关于"
)


def look_up(text: str) -> Reply | None:
    """The articles that ``text`` (normalised) asks to read; None when it asks something else."""
    cited = check_text(text)
    if not cited or _AROUND.sub("", _without(text, cited)):
        return None
    held = list(dict.fromkeys(checked.article for checked in cited if checked.article))[:MOST]
    missing = dict.fromkeys(_missing(checked) for checked in cited if checked.verdict is not Verdict.IN_FORCE)
    lines = [_shown(article) for article in held] + list(missing)[:MOST]
    if not held:
        return Reply("notice", "\n\n".join(lines), buttons=(ASK_HUMAN,))
    entries = [entry for article in held if (entry := lay_index().get(article.key))]
    sisters = [sister.title for entry in entries for sister in entry.sisters(corpus())]
    return Reply(
        "statutes",
        "\n\n".join(lines),
        tuple(cite(*article.key) for article in held),
        (*plain_buttons(list(dict.fromkeys(sisters))[:MOST]), ASK_HUMAN),
    )


def _without(text: str, cited: list[Checked]) -> str:
    """What is left of the text beside its citations and the names of their laws."""
    spans = {(checked.citation.named_at, checked.citation.end) for checked in cited}  # a range's articles share one
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def _shown(article: Article) -> str:
    text = article.text if len(article.text) <= _LONG else article.text[:_LONG] + "……（点下面看全文）"
    entry = lay_index().get(article.key)
    return f"{article.title}：\n{text}" + (f"\n\n用大白话说：{entry.said.plain}" if entry else "")


def _missing(checked: Checked) -> str:
    """What to tell about a citation that cannot be shown."""
    at = checked.citation
    law = short_name(at.law)
    if checked.verdict is Verdict.REPEALED and checked.successor:
        return f"《{law}》已经失效，现在适用《{short_name(checked.successor)}》。您想问的事，直接说给我听就行。"
    if checked.verdict is Verdict.REPEALED:
        return f"我手里的资料里，《{law}》没有现行有效的文本，没法给您看。请以国家法律法规数据库为准，或者转人工。"
    if checked.verdict is Verdict.NO_PARAGRAPH:
        return "这一条里没有您说的那一款或者那一项，上面是整条原文。"
    if checked.verdict is Verdict.NO_ARTICLE:
        return f"《{law}》里没有您说的这一条，请核对条号。"
    return f"我手里没有《{law}》，没法核对。您可以把事情说给我听，或者转人工。"
