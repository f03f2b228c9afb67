"""How the customer is right now, read from words alone, and whether anything may be sold to her.

The order decides: a minor and grief before all, then a fraud in progress, anger, confusion, hurry. Patterns read `plain` text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.reading.figures import find_figures
from copilot.reading.plain import plain
from copilot.suitability import ADULT_AGE
from copilot.types import Customer, State, Turn

SILENT_INTENTS = frozenset(("complaint", "fraud_security"))
"""Turns on which nothing is sold, whatever the state."""
SILENT_STATES: frozenset[State] = frozenset(("grief", "confused", "minor", "fraud"))
_SELF_MINOR = re.compile(
    r"(?:我|俺)(?:在|还在|上|读|念|是|今年|现在)?(?:[上读念])?(?:初[一二三]|小学|[一二三四五六]年级|高[一二](?!个|点))"
    r"|我(?:还|是)?(?:未成年|没成年|没满18|未满18|没满十八|未满十八|是小孩|是小学生|是初中生)"
    r"|(?:我是|这是)[^，。]{0,8}(?:弟弟|妹妹|妞妞|外孙女?|孙子|孙女|囡囡|崽崽|宝宝|儿子|女儿)[^，。]{0,8}(?:读|上初|小学|玩|手机|按的|打的)"
    r"|(?:这是|我拿|拿着|玩|用的?)(?:我|他|她|着)?(?:爸|妈|爷爷|奶奶|外婆|外公|婆婆|姥姥|大爷)的?(?:爸|妈)?手机(?!银行)[^。]{0,12}(?:玩|睡|做饭|洗澡|开车|拿着)"
    r"|(?:爸|妈|婆|爷爷|奶奶|姥姥)(?:在|去)?(?:睡着?|做饭|洗澡|开车|煮饭)[^。]{0,8}我(?:在玩|玩|按|拿|偷)"
    r"|(?:爸|妈|妈妈|爸爸|奶奶|爷爷)的?手机(?:是)?我在(?:用|玩)|用我(?:爸|妈)(?:的)?手机(?!号)|我妈妈在(?:洗|做|睡|忙)|别告诉(?:我?妈|我?爸|她|他|家里)[^。]{0,4}$|(?:游戏|皮肤|充值)[^。]{0,12}(?:我妈|我爸|爸妈)[^。]{0,4}卡|做呢题"
)
_PRESENT_AGE = re.compile(r"(?:^|[，。,!！\s姐哥叔姨师生])我(?:今年|才|刚|现在|还|是)*\s?$|今年(?:才)?\s?$")
_DEATH = re.compile(
    r"(?:老伴|爱人|先生|老公|丈夫|媳妇|妻子|爸|爹|父亲|妈|娘|母亲|爷爷|奶奶|外公|外婆|姥姥|姥爷|哥|姐|弟|妹|儿子|女儿|闺女|孩子|老头子|老头|老太太|老太婆|老爷子|老人(?!家)|公公|婆婆|岳母|岳父|亲人|家里人|孙子|孙儿)"
    r"[^，。！？\n]{0,10}?(?:刚走(?!出|到|开|进|路)|去世|过世|离世|走了(?=$|[，。,!！?？\s\n]|以后|之后|[一二两三四五六七八九十几半\d]+(?:个|年|天|周|多)|好|后|我|他|她|，|没|剩|的|这)|(?<!说)没了(?=$|[，。,!！?？\s\n]|以后|之后|他|她)|不在了|病逝|仙逝|牺牲|走得|车祸走|走的|走后)"
    r"|(?:去世|过世|病逝|离世|走咗|葬礼|追悼会|出殡|头七|丧事|办后事|火化|销户继承|遗体|骨灰)|送(?:我爸|我妈|他|她|老人)最后一程|来送我(?:爸|妈)"
    r"|(?:肺|胃|肝|肠|乳腺|胰腺|血)癌|癌症|白血病|确诊|肿瘤|晚期|化疗|病危|ICU|icu|重症监护|查出来(?:了(?!吗)|不太?好)|抚恤金|丧葬|人(?:已经)?不在了|(?:爸|妈|老公|老婆|儿子|女儿|老伴)出事了(?!要)|命不久|活不了|植物人|脑梗|脑溢血"
)
_NOT_DEATH = re.compile(
    r"(?:走(?:了|过)(?:一趟|几家|好久|流程|半天|\d)|钱[^，。]{0,6}走了|走了(?:狗屎)?运|转走|搬走|带走|拿走|跑走|行情走|人走茶凉|调走|额度[^，。]{0,4}没了|钱[^，。]{0,4}没了|利息[^，。]{0,4}没了"
    r"|保险[^，。]{0,20}(?:癌|肿瘤|确诊|重疾)|(?:重疾|医疗险|理赔|投保|保额|等待期|百万医疗)|经理[^，。]{0,6}走|走了个人|(?:管|买个?|保|防|报)[^，。]{0,4}(?:癌|肿瘤)|抢救了俩|(?:万一|要是|如果|假如|以后|百年)[^，。]{0,12}(?:走|不在|没了|去世|过世)|我走了)"
)
_SCAM = re.compile(
    r"安全(?:账户|户|帐户)|核查账户|清零账户|监管账户|(?:涉嫌|牵涉)?洗(?:黑)?钱(?!包)|公安|警官|警察(?:说|打|叫|让)|检察|法院(?:打|来电|说|传票)|刷单|返(?:佣|现)[^。]{0,10}(?:垫|单)|垫(?:了|付|资)?\d|"
    r"屏幕共享|共享屏幕|开共享|会议(?:软件|里|app)|远程(?:控制|协助)|(?:群|直播间?)里?的?(?:老师|导师|大师|老中医)|老师的群|内幕(?:群|消息)|原始股|杀猪|"
    r"(?:验证码|六位(?:数|码)|6位(?:数|码)|六个数字|那个六位数|动态(?:码|口令)|otp|口令|cvv|密码)[^。]{0,12}(?:念|发|给|报|告诉|输|填|俾|说)(?:了|给|他|她|过去|完|一半|进|一个|人)|"
    r"(?:念|发|给|报|告诉|要)(?:了|给|我|他|她|过去|完)*[^。，]{0,8}(?:验证码|六位数|动态码|动态口令|otp|密码)(?!忘|是多少|锁)|"
    r"(?:冒充|自称|假冒|扮)[^。]{0,14}(?:银行|你们行|你行|客服|经理|公安|警|员工|同事|证监)|个人(?:账户|卡|户)(?:上|里|买)?|(?:百万保障|校园贷账户|注销会员)|(?:医保|社保)(?:卡|局)?[^。]{0,8}(?:冻|停用|失效|异常)|"
    r"(?:点|按|打开)了[^。]{0,6}(?:链接|网址|按1|link)|(?:链接|网址|短信)[^。]{0,14}(?:填了|输了|点了|点进)|被骗|上当|骗走|骗了我|骗子|盗刷|被刷|碌(?:了|咗)|没花|没刷|不是我(?=$|[，。!！?？\s])|被人刷|不是我(?:刷|转|花|弄|操作|买|取)|不是我[!！]|我(?:没|没有|根本没)(?:花|刷|买|转|取|动|用)(?:过|啊|呀|的|卡)|"
    r"别(?:告诉|跟)(?:任何人|家里|银行|家人)|莫跟任何人|不准(?:问人|告诉)|不要(?:挂断|告诉家|告诉任何)|不让我?告诉|不能挂|别挂|出事了要\d|出车祸了|救急|换(?:了)?号码?了?[^。]{0,12}(?:转|打|汇)|"
    r"(?:发|点)了?个?(?:链接|approve)|报了一个|码(?:报|给|念)|医保局|通电话|电话里头|照(?:着|他说的)(?:做|弄)|(?:带|拉)我们?进群|荐股|头像是他|换号了|"
    r"授权一下|空投|下了?个(?:软件|app|会议)|直播间|多转了[^。]{0,12}退|老中医|中毒了|碌(?:了|咗)|没花|没刷|不是我(?=$|[，。,!！?？\s])|导师|卡里没了|"
    r"(?:交|缴|付)[^。]{0,6}(?:保证金|手续费|税|解冻费)[^。]{0,10}(?:提|取|返|退)|提不(?:出来|了现)|不给提现|才能提现|代理退保|帮我退(?:保|钱|理财)|退保维权|维权律师|高息项目|内部(?:产品|项目|员工)|转账?到(?:他|她|对方)(?:个人|指定)|让我?(?:马上|赶紧)?(?:转|汇)(?:钱|账)"
)
_SCAM_LIVE = re.compile(
    r"(?:转|打|汇|付|交|垫|给|念|报|输|填|点|告诉|发|按|取|寄)[^。，]{0,8}(?:了|过去|完|出去)|现在|正在|还在|刚(?:才|刚|接)|马上|让我|叫我|喊我|要我|我该|怎么办|咋办|咋整|点算|怎么拦|停掉|停了|冻结|锁|追回"
)
_FRAUD_LOST = re.compile(
    r"(?:手机|电话|卡|包包?|钱包|身份证|存折|u盾)[^。]{0,14}(?:丢|掉(?!价)|偷|摸了|不见|抢|顺走|没了|找不到|跌)|挂失|异地登录|(?:少|扣|刷|划|没)(?:了|脱|走)[^。]{0,8}(?:\d|[一二三四五六七八九十]|千|百|万)|扣款短信"
)
_ANGER = re.compile(
    r"投诉|举报|12378|银保监|银监|监管(?:局|那|部门|投)|金融(?:监管)?局|消(?:费者)?协|曝光|黑猫|律师函|起诉|告你们|找(?:你们)?(?:行长|领导|主任)|叫你们?(?:领导|主任|行长|经理)|"
    r"骗(?:人|我妈|老人|我们|钱|局)|忽悠|坑(?:人|我|爹|钱|老)(?!自家)|黑心|无良|垃圾|混蛋|王八|滚(?:蛋|开|吧你|远)|他妈|tmd|妈的(?!卡|钱|存|账)|cnm|有病吧|傻[xb逼]|脑残|放屁|扯淡|不要脸|无耻|"
    r"什么(?:态度|破(?!产)|垃圾)|啥(?:态度|玩意儿?啊?[!！]|名堂)|(?:破|烂)(?:app|软件|系统|银行|产品|手机)|态度(?:差|恶劣|撇|不好|极差)|踢皮球|皮球踢|推(?:来推去|脱|诿)|敷衍|装死|装睡|已读不回|不接电话|电话[^。]{0,4}不接|爱[答搭理]不理|"
    r"(?:没|无)人(?:管|理|接|回|负责)|不理(?:我|人)|白(?:我一眼|跑一趟)|讲不讲|讲点人情|有(?:这么|你们这么)|合着|欺负|欺(?:人|客|骗)|歧视|看不起|糊弄|哄(?:人|老)|气死|气得|气人|火大|恼火|烦死了?(?=[，。!！\s]|$)|烦球|烦不烦|受够|忍无可忍|寒心|心寒|太过分|过分了|无语|"
    r"说(?:好|得好好|法)的?[^。]{0,12}(?:呢|现在|结果|又|[!！]{1,})|要个?(?:书面的?)?说法|给(?:我|个)(?:个)?说法|讨说法|(?:亏|少|损失|这)[^。]{0,12}谁(?:负责|赔|来赔)|(?:你们?|给)赔(?:我|不赔|偿)|退钱|全额退|还我钱|把钱(?:退|还)|给我退|当初?[^。]{0,8}(?:怎么|咋|说)(?:个)?(?:跟我)?(?:说|讲)|当时(?:你|你们|跟我)[^。]{0,6}(?:说|讲)|拍胸脯|"
    r"睡得着|没良心|什么意思[!！?？]{2,}|啥意思[!！?？]{2,}|[!！]{2,}|[?？]{3,}|骚扰|再打(?:我|电话)|别(?:再)?(?:给我)?(?:打电话|发这些|推销|找我|烦我)|一天[^。]{0,8}(?:推销|电话)|等了[^。]{0,8}(?:小时|半天|钟头|上午|天)|第[三四五六七八九\d]+次(?:问|了|打)|道歉|录音[^。]{0,6}(?:调|留|要|在)|责任人|合规部|缘分到头|一天都不想|理解个|早干嘛|逼我|弄没了我|不用挽留|太慢了|乱扣|店大|还好意思|信了你们?的邪|(?:我是|当我)?(?:是)?傻(?:子|瓜)|内定|武德|管得真宽|嫌我|一声招呼|不打招呼|你们?讲不讲|过河拆桥|你图|图你啥|死(?:妈|全家)|臭脸|甩脸"
)
_BLAME = re.compile(
    r"凭(?:什么|啥)(?!不?让我?买)|说好的|糊弄|反倒不如|还不如|白(?:打工|干|忙)|等于白|不想(?:打开|看|望)|emo|狗叼|越整越少|越放越少|几个子|买药|请(?:你|您)?(?:定义|解释)|解释(?:解释)?[。.看]?$|续什么续|"
    r"照(?:样)?收[^。]{0,4}(?:管理)?费|旱涝保收|我没(?:点过|同意|授权)|没点过同意|谁(?:给我|授权|让你)|宣传的|被你们|遭套|待不下去|不(?:跟你们)?玩了|一分不留|再让(?:她|他|我)|看你们|枕头底下|没人(?:吭|管|理)|两个都一样烂|"
    r"(?:你|你们)(?:上次|上回|每次|当时|每个月)?[^。，]{0,4}(?:说(?:的|是|过|短|短期|长线|平稳)|咋说|让我(?:补|转|买|放)|推的|话(?:平稳|「)|倒是|瞅瞅|看看这|告诉我|这一天给我)|怎么跟(?:他|她|老婆|老公|家里)|这叫(?:稳|什么)|"
    r"挺会安慰|不明白|何以如此|等到(?:什么时候|啥时候|几时)|一整年|凌晨|半夜|血压|看着烦|倒霉|让人[^。]{0,4}失望|失望|(?:同事|经理|姑娘|小伙)[^。]{0,16}(?:说改成|劝着|说是存款)|记录[^。]{0,12}能查|丢人"
)
_LOSS = re.compile(
    r"亏|跌|绿|掉|蚀|(?:越|又|还)[^。，]{0,4}少|少了|水下|负|下去|剩|工资没|倒(?:欠|贴)|缩水|没了|负的|浮亏|套(?:住|牢|里)|往下|越放越少|赔了|垮|惨|没(?:回来|涨)|腰斩|回撤"
)
_DISTRESS = re.compile(
    r"睡不着|没睡|心(?:慌|堵|疼|焦|痛|累)|心头焦|血压|想哭|哭|怎么办啊|咋办啊|交代|不敢(?:说|跟|告诉|吱)|吓(?:死|人|着|到)|急死|愁|崩溃|完了|天天[^。]{0,4}(?:跌|掉|绿|少|亏)|一直(?:跌|亏|绿)|这叫|稳(?:健)?(?:吗|呢|\?|？)|说(?:的|好)?(?:是)?稳|白(?:上|干|放)|养老钱|老本|血汗|😭|😤|😡|🤬|💔|T_T|😢|😠|怎么越|咋回事[^。]{0,12}倒欠|什么时候能涨回|咋越|算错|不甘心|后悔|倒霉|受不了|救命|恐怖|名堂|反倒不如|反而不如|不如定期|还不如"
)
_CONFUSED = re.compile(
    r"(?:我)?糊涂了|搞不清|弄不清|分不清(?:楚)?(?:我|了|哪)|想不起来|记不(?:得|清|起来)(?:了)?[^。]{0,6}(?:买|存|是|放|哪)|脑(?:子|壳)(?:很|都|已经)?(?:乱|大|离线|一团)|看半天|我(?:人)?傻了|"
    r"不(?:晓得|知道)(?:我)?(?:买|存|签)(?:的|了)(?:是)?(?:什么|啥)|你哪个银行|你是(?:谁|哪个|哪位)(?:啊|呀|来着)?|怎么有你微信|我的?钱(?:是不是都)?(?:在你那|去哪|去边)|是不是被你们?换|给过你一个|红本|"
    r"到底(?:是)?(?:听谁|谁的|哪个对)|我昨天是不是|刚才要问|老糊涂|字(?:都)?看花|点来点去|弄不来|搞不懂怎么|跟存折(?:不)?一样吗|我(?:买|签|存)的?[^。]{0,6}是(?:存款|定期)还是(?:保险|理财)|蹦出个|是不是整错|慢点[^。]{0,6}一步|怎么变成|咋变成|到底谁|买的(?:到底)?是(?:啥|什么)(?:啊|呀|来着)?$|是存的还是买的|数目我?对不上|钱去(?:了)?(?:哪|边)|那个[，\s]*那个什么|什么来着|说不清(?:楚)?寄|看不(?:见|清)[^。]{0,12}(?:回去|点)|版本老|不明(?:白)?[，,]写"
)
_URGENT = re.compile(
    r"(?:^|[^着不])急(?!躁|诊|诊科)(?:用|死|煞|急|着|等|要|需|$|[，。!！\s])|加急|救个急|急用|赶紧(?!来|跑|卖)|快点|快说|快给|马上|立刻|立马|今天(?:就要|能不能|能到|得|要(?:用|交|补)|必须|内|最后)|今晚|今儿|现在(?:能取|就要|要用|必须)|来不及|"
    r"(?:明天|今天|后天|下午|\d点|[一二三四五六七八九十]点)[^。]{0,6}(?:前|之前|必须|就要|要用|要交)|等着(?:付|用|钱|交|呢|要|我)|门口(?:等|不让|堵)|堵(?:我)?门|追(?:紧|着)我|等回话|催(?!收)|赶(?:时间|着|趟|上)|在(?:开车|高速|机场|开会|路上|忙)|开会呢|(?:我)?在高速|回个短|一个字回|就问一句|忙[，,。\s]*$|先续着|限三日|最迟|(?:明天|马上|今天|要)[^。]{0,4}手术|住院[^。]{0,8}(?:押金|交)|医药费|后天(?:要|交|关)|凑不够了|破(?:个)?例|到账没|怎么还没到"
)
_UNHURRIED = re.compile(r"不急|不着急|别着急|不赶|慢慢|有空|得空|随时都行|急不得")


_CLEAR_INTENTS = frozenset(("objection_hesitation", "comparison_competitor", "greeting_smalltalk"))


def detect_state(text: str, history: Sequence[Turn] = (), intent: str = "", customer: Customer | None = None) -> State:
    """The state of the customer who wrote `text`; `history` is what went before, oldest first."""
    words = plain(text)
    earlier = [plain(t.text) for t in history if t.role == "customer"][-2:]
    if _is_minor(words, customer):
        return "minor"
    if _grieves(words) or (earlier and _grieves(earlier[-1]) and len(words) < 40):
        return "grief"
    fraud = _fraud(words, intent, earlier)
    if fraud:
        return fraud
    if _upset(words, intent, earlier):
        return "upset"
    if _CONFUSED.search(words) and intent not in _CLEAR_INTENTS:
        return "confused"
    if _URGENT.search(words) and not _UNHURRIED.search(words) and _can_hurry(intent):
        return "hurried"
    return "calm"


def selling_allowed(intent: str, state: State, customer: Customer | None = None, secondary: Sequence[str] = ()) -> bool:
    """Whether anything may be sold in this turn.

    Never to a minor, in a complaint or a fraud, in grief or confusion; nor to a customer upset about a loss or the bank.
    """
    if customer is not None and customer.age is not None and customer.age < ADULT_AGE:
        return False
    if intent in SILENT_INTENTS or state in SILENT_STATES:
        return False
    about = {intent, *secondary}
    return not (state == "upset" and about & {"performance_concern", "complaint", "outflow_churn"})


def _is_minor(words: str, customer: Customer | None) -> bool:
    if customer is not None and customer.age is not None:
        if customer.age < 18:
            return True
        return bool(_SELF_MINOR.search(words)) and customer.age < 20
    if _SELF_MINOR.search(words):
        return True
    for figure in find_figures(words):
        if figure.kind != "count" or not isinstance(figure.value, float) or not 5 <= figure.value < 18:
            continue
        before, after = words[: figure.start], words[figure.end : figure.end + 3]
        if _PRESENT_AGE.search(before) and (figure.unit in ("岁", "周岁") or (figure.unit == "" and _age_end(after))):
            return not re.search(r"(?:儿子|女儿|孙|孩子|娃|闺女|妹|弟)[^，。]{0,3}(?:今年|才)?\s?$", before)
    return False


def _age_end(after: str) -> bool:
    return not after or after[0] in "，。,!！?？ \n了的想过压能可"


def _grieves(words: str) -> bool:
    found = _DEATH.search(words)
    return bool(found) and not _NOT_DEATH.search(words)


def _fraud(words: str, intent: str, earlier: Sequence[str]) -> State | None:
    """Fraud in progress or just done; a lost card or phone is hurry, a suspicion that only asks stays calm."""
    scam = _SCAM.search(words)
    if intent == "fraud_security":
        if scam:
            asks = _ASKS.search(words) and not _DONE.search(words)
            return None if asks else "fraud"
        if _FRAUD_LOST.search(words):
            return "fraud" if re.search(r"少了|扣|刷|划(?:了|脱|走)|没了|异地", words) else "hurried"
        if any(_SCAM.search(e) for e in earlier) or (_STRANGER.search(words) and not _ASKS.search(words)):
            return "fraud"
        return "hurried" if _URGENT.search(words) else None
    if intent == "complaint":
        return None
    return "fraud" if scam and _SCAM_LIVE.search(words) and _STRONG_SCAM.search(words) else None


_STRANGER = re.compile(
    r"(?:转|打|汇|投|交|扫|付|充|借|贷)(?:了|过去|完|给(?:他|她|人))|(?:说|称)(?:他|她)?(?:是|我|征信|有问题)|验资|卡号|拍脸|收款码|返\d|返利|一起提|放款|网上认识|押金|取钱|老乡|占线"
)
"""Someone else's hand in it: what makes a message of this intent a fraud in progress when no known trick is named."""
_ASKS = re.compile(
    r"真(?:的)?(?:假|吗|还是假)|真定假|是(?:不是)?(?:你们|骗)[^。]{0,10}(?:的|吗|\?|？)|是假|钓鱼|备案|没(?:有)?(?:给|点|理|信|转)|会不会|扮|冒充|问(?:她|我|他)?要|要(?:我|她)?(?:密码|卡背)"
)
_DONE = re.compile(
    r"(?:转|打|汇|垫|付|念|报|输|点|填|做)(?:了|过去|完)|给了|正在|正连|还在|现在|在弄|我该|怎么办|咋办|咋整|马上|刚才?(?:转|念|报)|安全(?:账户|户)|洗(?:黑)?钱|个人卡|才能提|(?:加大|交)[^。]{0,4}(?:投入|保证金)|要我把钱"
)
_STRONG_SCAM = re.compile(
    r"安全(?:账户|户)|清零账户|核查账户|共享屏幕|屏幕共享|刷单|公安|警官|洗(?:黑)?钱(?!包)|(?:验证码|六位数|动态口令|otp)[^。]{0,12}(?:念|发|给|报|告诉)|自称|被骗|盗刷|内幕群|群里老师|导师|个人(?:账户|卡)|不让我?告诉"
)


_TOUCHY = frozenset(
    (
        "performance_concern",
        "outflow_churn",
        "risk_assessment",
        "fee_inquiry",
        "maturity_reinvest",
        "benefits_activity",
        "liquidity_need",
    )
)
_NEUTRAL = frozenset(
    (
        "deposit_rate",
        "fee_inquiry",
        "product_inquiry",
        "comparison_competitor",
        "recommendation_request",
        "loan_credit",
        "risk_concern",
        "benefits_activity",
        "insurance_pension",
        "objection_hesitation",
        "life_planning",
    )
)
"""Intents whose plain questions share words with anger (谁负责, 糊弄): only fury counts there."""
_FURY = re.compile(
    r"投诉|举报|12378|银保监|骗(?:人|我妈|老人|我们|钱)|垃圾|他妈|气死|退钱|还我钱|不要脸|黑心|起诉|曝光|骚扰|[!！]{2,}|态度|没人管|讲不讲|傻子|内定|烦死|没人[^。]{0,20}等了|你图|图你啥"
)
_EVEN_VOICE = re.compile(
    r"不是闹事|希望|请(?:您|问)?(?:帮|协助|给)|话说重|谢谢|麻烦您?|书面(?:答复|回复|回覆|回复)|建议|处理中|笔笔都?记"
)
_SECOND = re.compile(r"你|您|同事|经理|我没|续什么|丢人|没人|送我")


def _upset(words: str, intent: str, earlier: Sequence[str]) -> bool:
    """Anger anywhere; loss with distress; a complaint, unless it is put in a plain, even voice."""
    if intent in ("greeting_smalltalk", "other_unclear", "market_view"):
        return bool(_ANGER.search(words)) and bool(re.search(r"你们|银行|经理|投诉|骗|钱", words))
    if intent == "complaint":
        return not _EVEN_VOICE.search(words) or bool(re.search(r"12378|银保监|投诉你|曝光|骗", words))
    if _ANGER.search(words):
        return intent not in _NEUTRAL or bool(_FURY.search(words))
    if intent in _TOUCHY and _BLAME.search(words):
        return intent in ("performance_concern", "outflow_churn", "risk_assessment") or bool(_SECOND.search(words))
    if intent in ("performance_concern", "outflow_churn", "liquidity_need", "maturity_reinvest"):
        if _LOSS.search(words) and _DISTRESS.search(words):
            return True
        return bool(earlier) and bool(_ANGER.search(earlier[-1])) and len(words) < 30
    return False


def _can_hurry(intent: str) -> bool:
    return intent not in ("greeting_smalltalk", "market_view", "life_planning", "objection_hesitation", "other_unclear")
