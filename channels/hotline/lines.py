"""What the hotline says of itself. Read aloud before changing: short, one thing a sentence, the key after the choice."""

GREETING = "您好，这里是 12348 公共法律服务热线。我是智能助手法助，是机器，不是人工。"
MENU = "您可以直接说您的问题。也可以按键：查工单按二，登记回电按三，转人工按零，重听按九，返回按星号。"
MAIN_MENU = "请选择：说问题按一，查工单按二，登记回电按三，转人工按零，重听按九。"
GO_ON = "请说您的问题，我在听。"
MORE = "要我继续说吗？按一，或者说继续。"
NOTHING_MORE = "我说完了。还有别的问题，请接着说。"
SLOWER = "好的，我慢一点说。"
NO_SUCH_KEY = "没有这个选项。"
FILLER = "请稍等，我再查一下。"
CHOOSE = "接下来可以选："
NONE_OF_THESE = "都不是，请换个说法再说一遍，转人工按零。"
ANY_OPTIONS = "也可以接着问，转人工按零。"
URGENT_END = "要转人工，请按零。"
BACK_TO_FORM = "要接着刚才的办，请按一。"
GOODBYE = "好的，再见。有需要随时拨打 12348。"

# The queue.
QUEUE = "现在人工都在忙，{wait}。"
QUEUE_CHANGED = "人工还在忙，{wait}。"
ABOUT, SOON = "大约还要等{minutes}分钟", "很快就轮到您"
AGENT_FREE = "现在有工作人员空出来了，马上给您转接，请不要挂机。"
TRANSFERRING = "好的，正在给您转人工，请不要挂机。"
HUMAN_BUSY = (
    "现在人工都在忙，{wait}。要接着和我说，请按一；要到队列里等人工，请按二；要我们给您回电，请按三。"
)  # fmt: skip
TO_QUEUE = "好的，给您转到人工队列，轮到您就接通，请不要挂机。"
NOT_CONNECTED = "刚才没有接通。要接着和我说，请按一；要再转一次，请按二；要我们给您回电，请按三。"
TO_OTHER = "好的，正在给您转到{title}，请不要挂机。"

# Not heard, not understood.
STILL_THERE = "我在听。"
BY_KEYS = "没听到您的声音，您可以按键。"
OFFER_CALLBACK = "还是没听到您的声音。要我们给您回电，请按三；转人工请按零。"
HANG_UP = "一直没听到您说话，先挂断了。您随时可以再打过来，再见。"
SAY_AGAIN = "没听清，请您再说一遍。"
HEARD = "我听到的是：{text}，对吗？对请按一；不对，请再说一遍。"
NOT_HEARD = "还是没听清，请您按键。"

# Looking at a ticket by keys.
ASK_CODE = (
    "请按工单编号里的数字，字母不用按，按完按井号。"
    "要是找不到编号，请按三登记回电，或者按零转人工。"
)  # fmt: skip
ASK_LETTER = "编号里的字母是哪个？{letters}"
ASK_PIN = "请按六位查询码。"
CODE_WRONG = "这个编号对不上。请对照着再按一遍，字母不用按，按完按井号。"
PIN_WRONG = "查询码是六位数字，请再按一遍。"
NOT_FOUND = "编号或者查询码不对，没有查到。再查一次请按二，转人工请按零。"
TOO_OFTEN = "这通电话里查错的次数太多了，先不能再查。转人工请按零，登记回电请按三。"

# A callback in three keys, and the referral's steps.
AGREE = "同意请按一，不同意请按二。"
REFUSED = "好的，不登记。您可以接着说您的问题，转人工按零。"
THIS_NUMBER = "给您回电，就用您现在打来的号码吗？尾号是{tail}。用这个请按一，换一个请按二。"
WHICH_NUMBER = "请按您的电话号码，座机带区号，按完按井号。也可以直接说。"
NUMBER_WRONG = "这个号码不对。手机是十一位，座机请带区号。请再按一遍，按完按井号。不登记了按星号。"
LAST_STEP = "最后一步。我们会打{phone}这个电话{about}。您想找哪一种服务？选好就登记。"
ABOUT_MATTER = "，谈您说的这件事：{matter}"
THIS_PHONE = (
    "联系电话，就用您现在打来的号码吗？尾号是{tail}。用这个请按一，不留电话请按二。换号码，请直接按号码，再按井号。"
)
ASK_PHONE = "请留一个联系电话，按完号码按井号，也可以直接说。不留电话请按一。"
ASK_DISTRICT = "您在{city}的哪个区县？可以直接说，也可以按键。"
ASK_NAME = "怎么称呼您？可以直接说，比如王女士。要匿名请按一。"
ASK_MATTER = "请用一两句话说说您的事情：什么时候、和谁、发生了什么。不方便说，请按星号，再按三登记回电。"
THIS_MATTER = "要登记的是这件事吗？您说的是：{matter}。是请按一；不是，请重新说一遍。"
ASK_SERVICE = "您想找哪一种服务？建议第一种。"
CONFIRM = "请您核对。您说的是：{matter}。区县：{district}。称呼：{name}。电话：{phone}。服务：{service}。对吗？"
CONFIRM_KEYS = "对请按一。要改事情按二，改区县按三，改称呼按四，改电话按五，改服务按六。不办了按七。"
# Interviews.
TELL = "请直接说。"
TELL_NUMBER = "请直接说，也可以按数字，按完按井号。"
TELL_DATE = "请直接说年月日，也可以按八位数字，比如二零二六零三零幺，按完按井号。"
SKIP = "不知道就说跳过。"
LEAVE_FORM = "不填了按星号。"

MATTER_UNSAID = "来电人请工作人员回电，没有在电话里说是什么事。"
DISTRICT_UNSAID = "未说明"

REGISTERED = "登记好了，请拿笔记一下。工单编号是：{code}。再说一遍：{code}。查询码是：{pin}。再说一遍：{pin}。{when}"
BY_SMS = "要把编号和查询码发到您手机吗？要请按一。再听一遍按九。"
HEAR_AGAIN = "再听一遍按九。还有别的事，请接着说。"
SMS_TEXT = "您的工单编号 {code}，查询码 {pin}，可随时拨打 12348 查进度。"
SMS_SENT = "好的，短信马上发到您手机。还有别的事，请接着说。"

WITH_WORKER = "您的话已经转给工作人员了，请稍等，我在等回复。"
WORKER_SAYS = "工作人员说：{text}。"
STATUTES = "这个问题我还没有现成的解答。请您把事情说得再具体些，我再找找；也可以转人工，请按零。"

NOTHING_SAID = "来电人还没有说是什么事。"

# Nothing works.
BROKEN = "对不起，我这边出了点问题。给您转人工，请不要挂机。"
BROKEN_CALLBACK = "对不起，我这边出了点问题。您的回电已经登记好了，工作人员会打您留的电话。再见。"
OFFER_OTHER = "{about}。要转过去请按一，要接着和我说请按二。"
