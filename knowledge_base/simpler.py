"""'看不懂', '说简单点', '再说一遍': the answer just given once more, as one would say it aloud."""

import re

from knowledge_base.replies import ASK_HUMAN, HELPFUL, UNHELPFUL, Reply, cite
from knowledge_base.search import answer_search

_ASKS = re.compile(
    r"^(?:我|俺|还是|实在|有点|真的?|你)*"
    r"(?:[看听读搞弄]不(?:太|大)?[懂明]白?|没[看听]?[懂明]白?|不懂|不明白|太(?:长|复杂|专业|深奥|绕)"
    r"|(?:这|这是|都)?(?:啥|什么)意思|(?:给我|请|能不能|能|麻烦)?(?:再)?(?:说|讲|解释)?(?:得)?(?:简单|通俗|明白|短|慢)(?:一?点|些)(?:说|讲)?"
    r"|(?:慢|简单)(?:一?点|些)?(?:说|讲)|说人话|(?:请|麻烦)?(?:再|重新)(?:说|讲|来)一[遍次下]|长话短说)"
    r"(?:了|吧|啊|呢|吗|好吗|行吗|可以吗)*[。！!?？~～]*$"
)
_NOTHING_SAID = Reply(
    "smalltalk",
    "您把不清楚的那句话发给我，我换个说法；也可以转人工，请工作人员讲给您听。",
    buttons=(ASK_HUMAN,),
)


def asks_simpler(text: str) -> bool:
    return len(text) <= 14 and bool(_ASKS.match(text))


def simpler(id: str | None) -> Reply:
    """The answer ``id`` in the words of its spoken form; without one, an offer."""
    answer = answer_search().answer(id or "")
    if answer is None:
        return _NOTHING_SAID
    cited = tuple(cite(*citation.key) for citation in answer.citations)
    text = f"简单说：{answer.spoken or answer.answer}"
    return Reply("answer", text, cited, (HELPFUL, UNHELPFUL, ASK_HUMAN))
