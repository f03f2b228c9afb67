"""The SPIN ledger: what the customer has said of her situation, problem, implication and need, in her own words.

Each of her turns is parted into clauses; a clause is evidence for every letter whose pattern it meets. The advisor's turns
give none. A correction (不是20万，是12万) removes the earlier evidence of the same kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.reading.figures import Figure, find_figures
from copilot.reading.plain import Clause, clauses, plain
from copilot.types import Conversation, Evidence, Ledger, Spin, Turn

MOST = 6
"""At most so many pieces of evidence a letter; the newest are kept."""

_BANK_FACT = re.compile(
    r"起(?:购|存|点|投|买)|门槛|限额|额度|手续费|管理费|费率|挂牌|多少(?:钱)?起|满减|返|送(?:米|油|什么|多少)|积分|达标|(?:人家|隔壁|对面|别家|别的|他行|招行|建行|工行|农行|中行|那家|那边|余额宝|券商|支付宝)[^，。]{0,8}(?:给|利率|收益|有|写|送|高)"
)
_FAMILY = re.compile(
    r"老伴|老公|老婆|媳妇|爱人|先生|丈夫|妻子|男友|女友|男票|对象|未婚|离异|离婚|单身|孩子|娃|儿子|女儿|闺女|囡囡|孙子|孙女|外孙|孙儿|宝宝|二胎|老大|老二|爸|妈|爹|(?<![姑娘])娘(?![子娘])|父母|岳父|岳母|公婆|公公|婆婆|老人|爷爷|奶奶|外公|外婆|姥姥|姥爷|弟弟|妹妹|家里"
)
_LIFE = re.compile(
    r"退休|上学|上大学|读书|读研|留学|出国|中考|高考|初[一二三]|高[一二三]|结婚|定亲|彩礼|嫁妆|生孩子|要生了|怀孕|买房|首付|换房|装修|交房|房贷|月供|拆迁|动迁|拆了|买车|换(?:一?[辆台]|个)?车|看病|手术|住院|做支架|慢病|血压|治病|生病|养老|学费|补课|择校|创业|开店|铺|店里|进货|货款|工资|发工钱|工程款|跑车|跑单|送货|上班(?!吗|不|没|时间)|夜班|下岗|裁员|失业|裸辞|辞职|自由职业|没单位|社保|养老金|退休金|公积金|一个人(?:住|在家|过)|独居|孩子在(?:国外|外地)|租房|房租|租金|种地|承包地|租出去|年终奖|奖金|压岁钱|生活费|刚毕业|应届|搬(?:家|来|去)"
)
_OWN_MONEY = re.compile(
    r"(?:我|俺|咱|个人|手头|手里|手上|卡里|账上|活期|存款|积蓄|本金|闲钱|老本|这笔|那笔|一共|大概|差不多|凑够?|攒了?|存了?|买了?|放了?|投了?|有|剩|拿|转|取|打算|收入|赚|挣|每个?月|一年|到账|到期|回来|拆|卖|欠|要付|要交|要还|要用|还差|尾款|家里)"
)
_HOLDING = re.compile(
    r"(?:我|俺)?(?:那|这|上次|上回|之前|以前|去年|前年|去年[^，。]{0,6}|手里|手上)(?:的)?(?:个|笔|张|只|款|份)?[^，。]{0,6}(?:买|存|持有|放|投)的|我(?:那|这)(?:个|笔|张|只|份)|(?:都|全|一直|只)(?:是|在|放|存|躺)(?:了)?(?:在)?(?:活期|定期|存折|余额宝|股票|基金|国债|理财|你们|你这)|(?:躺|放|趴|存|搁)(?:在|着)?(?:活期|定期|余额宝)|持有[^，。]{0,4}(?:年|天|月)|(?:快|要|已经|刚|明天|今天|下周|下个?月|月底)[^，。]{0,6}(?:到期|到账|满期|到日子|满了)|到期了|到账了|回款了|(?:钱|那笔|那个)(?:都)?(?:回来|下来|出来)了|到日子了|退休工资|定期|存单|国债"
)
_HOLDING_OWN = re.compile(r"我|俺|咱|手|那|这|都|全|一直|了|她|他|老伴|妈|爸|躺|趴|闲")
_HORIZON = re.compile(
    r"(?:(?:用不着|用不到|不用|不急用|不动|不急着用|暂时不用|放得久|放得住|要用|随时(?:可能)?(?:要|得)?(?:用|换|给|拿)|急用|要花|得用|要付|要交|要还|短期|长期|放久|放短|放长|锁(?:得)?久|年内|月内|以内|之前用|前用)|(?:放|存|锁|续)(?:个|它)?(?:[一两三四五半几\d]))"
)
_EXPERIENCE = re.compile(
    r"(?:(?<!有)没|从没|从来没|第一次|头一回|头回)(?:有)?(?:买|做|碰|接触|理财|投资)(?:过)?|小白|新手|(?:一直|只|就)(?:会|敢|认|存|买)(?:定期|存款|国债|活期|存折)|不懂(?:理财|这些|投资)|(?:以前|之前|去年|前年)(?:买|炒|做|投)过|老股民|炒股|买过|我(?:啥也|什么都)?不懂|测(?:出来|评)[^，。]{0,6}[cC][1-5]|我是[cC][1-5]|不大会用手机|眼睛不好|腿脚不(?:好|便)|听力不好"
)
_SELF_AGE = re.compile(r"我|俺|老伴|爸|妈|爹|娘|她|他|今年|快|孩子|儿子|女儿|都")

_FEARLESS = re.compile(r"不(?:怕|担心|在乎|介意|慌)|没(?:事|关系|什么好怕)|无所谓")
_PROBLEM = re.compile(
    r"怕|担心|担忧|不放心|放不下心|不踏实|没底|心慌|发毛|发慌|(?:^|[，。\s])慌|睡不着|睡不好|血压|焦虑|愁|头疼|头大|闹心|心(?:里)?(?:空|堵|焦|疼|累)|纠结|后悔|拿不定|不知道(?:怎么|咋|放|干嘛|选|该)|没主意|不敢(?!相信)|(?<!懂)(?<!明)不(?:太)?(?:懂|明白|会弄|会用|会操作)|看不(?:懂|明白)|搞不(?:懂|清)|听不懂|弄不(?:懂|来|清)|整不懂|分不清|(?<!别)(?<!要)太(?:复杂|绕|麻烦|低|少|慢|长|高|贵|亏|折腾)|麻烦得|(?:利息|利率|收益)[^，。]{0,8}(?:低|(?<!多)少|越来越|一年不如|下来了|太|不高|没多少)|(?:一年)?不如一年|越来越(?:低|少)|才(?:几|这么|那么|这|一|两|三|\d|1|赚|给)|就(?:这么|那)点|"
    r"(?<!盈)亏(?!平衡)|跌|蚀|赔(?:了|钱|本)|套(?:住|牢|里|了)|缩水|(?<!多)少了|(?<![清换转卖关花用丢忘删退还])掉了|没回本|绿(?:了|油|的)|倒(?:欠|贴)|负的|不划算|划不来|不值当|嫌(?!贵重)|(?:封|锁|套)(?:着|死|住)|取不(?:出|了|到)|拿不(?:出|到|了)|动不了|出不来|(?:钱)?(?:白|空)(?:躺|放|趴|搁|睡)|闲着|躺(?:在)?(?:着|活期)|趴着|浪费|抢不到|买不(?:到|了|成)|没(?:有)?额度|不够|还差|缺\d|凑不(?:齐|够)|紧巴|手头紧|钱紧|吃(?:过|了)亏|被骗|上(?:过)?当|被坑|踩雷|爆雷|倒闭|破产|不(?:太)?灵活|不方便|来不及|等不(?:及|起)|太久|时间长|扣(?:了)?(?:我|一|费)|被拒|不让(?:我)?买|没人(?:管|理|接|回)|投诉|骗|忽悠|说(?:是|好)[^，。]{0,10}(?:现在|结果|怎么)|不稳(?!定期)|波动|贬值|不值钱|失望|不满意|(?<!麻)烦(?!您|你)"
)
_QUESTION_ONLY = re.compile(r"^(?:有没有|是不是|什么是|啥叫|怎么算|多少|哪个|几点|几号)")
_BARE_RISK_ASK = re.compile(r"会不会(?:亏|跌|赔)|会亏|亏不亏|能亏|最多(?:亏|跌)|亏(?:多少|成啥|损)|不够格")
_CONSEQUENCE = re.compile(
    r"(?:学费|首付|房贷|月供|货款|工资|工钱|医药费|手术费|药钱|药费|房租|尾款|彩礼|养老钱|生活费|押金|贷款|尾款|补习班|买药|饭钱)[^，。]{0,10}(?:交不上|交不了|付不(?:了|上|起|出)|还不上|发不(?:出|了)|没着落|没了|泡汤|怎么办|咋办|停了|不够|拿不出|断了|凑不|受影响|拿什么|拿啥)"
    r"|(?:跑|赶)(?:不赢|不过|不上|输|输给)[^，。]{0,4}(?:通胀|物价|cpi|涨价|菜价|房价|学费|m2)|(?:钱)?(?:越来越)?(?:不值钱|不经花|毛了|贬值|缩水)|购买力|越(?:存|放)越(?:少|亏|不值)"
    r"|耽误|误(?:了)?(?:事|我)|赶不上|(?:计划|房子|婚事|留学|店|生意|买房)[^，。]{0,6}(?:泡汤|黄了|没戏|推迟|拖|搁置|打水漂)|泡汤|打水漂"
    r"|(?:要是|万一|如果|假如|真要|再(?:这么|这样)?|这么|这样|照这)[^，。]{0,16}(?:就(?!好|行|可以|想|要|问|是)|怎么办|咋办|咋整|怎么弄|拿(?:什么|啥)|谁(?:管|负责|给)|靠谁|只能|只好)[^，。]{0,12}"
    r"|(?:怎么|咋|没法|无法|不好)(?:跟|向|对)[^，。]{1,8}(?:交代|交差|说|开口|解释)|没脸|(?:老公|老婆|媳妇|老伴|家里|孩子|爸|妈)[^，。]{0,6}(?:骂|怪|吵|跟我急|埋怨|还不知道|不知道|非得)|不敢(?:跟|告诉|和)[^，。]{0,6}(?:说|讲)|不敢吱声"
    r"|拖累|连累|(?:以后|将来|到时候|老了|干不动)[^，。]{0,14}(?:没人|没钱|拿不出|怎么|咋|不够|指望不上|靠谁|谁)|只能(?:去)?(?:借|卖|打工|刷|找)|得(?:去)?(?:借|找人借)|还得(?:去)?借|等于白(?:干|打工|存|忙)|(?<!老)白(?:干|存|打工)(?:了)?(?:一年|半年|几)?|(?:停|断)(?:了)?(?:补习|课|药)|损失(?:更大|不起)|输不起|亏不起|撻訂|违约金"
)
_NEED = re.compile(
    r"(?:想|要|希望|最好|只要|就要|就想|求|图|盼|宁可|宁愿|偏|倾向|喜欢|打算要?|能不能(?:有|找|给)|有没有|有啥|找(?:个|一个)|来(?:个|点)|给我(?:找|挑|推|来|配|整|换|弄)|可以(?:吗)?)[^，。]{0,14}"
    r"(?:稳(?!健半年|健收益)|安全|保险点|保本|保险些|踏实|靠谱|省心|放心|不亏|别亏|不折腾|简单|灵活|活(?:一点|的|点|钱)|随时|随取|能取|能拿|取得|短(?:一点|点|些|的|期)|长(?:一点|点|期|些)|固定|每个?月[^，。]{0,4}(?:钱|进账|领|分|派|收)|利息(?:高|多)|高(?:一点|点|些)|多(?:一点|点|些|赚)|比(?:活期|定期|存款|现在)[^，。]{0,3}(?:高|多|强)|收益(?:高|好|稳)|不用管|自动|分散|锁(?:定|住|得久)|抵税|传(?:给|下)|涨一点|长点)"
    r"|(?:稳|安全|踏实|省心|灵活|活|简单|短|长|稳妥|稳当|保守|低风险|放心)(?:一点|一些|点|些|的)(?:儿)?(?:就行|就好|就可以|的?$|最好|吧|有没|呢|理财|产品)?|(?:随时|随用随|当天|马上|说拿就)(?:能|可以|都能|要能|就能)?(?:取|拿|赎|用|支)"
    r"|(?:每个?月|按月|每年|定期)[^，。]{0,8}(?:进账|有钱|领(?:钱|一|点|几)|派息|分(?:红|钱)|现金|补贴)|不(?:求|图|指望|贪)(?:高|多|赚大|发财|什么)|(?:只要|别|不要|不能|不想)(?:给我)?(?:亏|跌|动本|碰(?:风险|股票)|弄没|折腾|担|整没)(?:本|钱|太多|了|没了|风险|再)?[^，。]{0,6}(?:就行|就好|$)|(?:不|别|不要|不能|丢)(?:想)?(?:亏本|再担风险|动本金|伤本|丢本)|丢不得|安全第一|本金(?:要|得|安全|在)|(?:帮|给|替)我(?:看看|想想|规划|安排|配|配置|划一划|挑|选|出个主意|弄个|搭配|分配|分分|列)|求(?:推荐|安排|配置)|怎么(?:规划|安排|配(?:置)?|放(?:合适|好|稳妥)?)(?:呢|好|合适|$)|放哪(?:里|儿)?(?:好|合适|稳|安全|踏实|$)|(?:想|得)(?:开始)?(?:存|攒)(?:点|笔|些|够|钱|到)|(?:就|只)?(?:认|要)(?:国债|存款|定期|大额|存单)|凑齐|攒(?:够|到)|锁(?:长|久|得久)|(?:想|要)(?:锁|提前(?:攒|备|存))|备着|留一(?:块|笔)|能(?:跟|比)上?通胀|别太(?:长|久|复杂|折腾)|不要太(?:长|久|复杂)"
)
_NOT_NEED = re.compile(r"有没有(?:关系|影响|问题|城投|地产|股票|人)|随时关注|随时联系|(?:要|想)问")
_CORRECTION = re.compile(
    r"不是[^，。？?]{1,14}[，,\s]*(?:而)?是|(?:说|记|打|写|看|搞|弄)(?:错|岔|反|混)(?:了)?|更正|纠正|口误|准确(?:地)?说|其实(?:是|只有|就)|改(?:成|主意)"
)
_DENIED = re.compile(r"不是(?!说|不|吗|很|太)([^，。？?是]{1,14})(?:[，,\s]*(?:而)?(?=是)|$)")


@dataclass(frozen=True)
class _Piece:
    """One clause under one letter; `slots` are what it states (money, term, date, rate, family …)."""

    letter: Spin
    evidence: Evidence
    slots: frozenset[str]


def build_ledger(conversation: Conversation) -> Ledger:
    """The ledger of a conversation, newest evidence last. Every quote is a substring of its own turn."""
    pieces: list[_Piece] = []
    for index, turn in enumerate(conversation.turns):
        if turn.role != "customer":
            continue
        new = _read_turn(turn, index)
        if _CORRECTION.search(plain(turn.text)):
            pieces = _without_corrected(pieces, new, turn)
        pieces.extend(new)
    return Ledger(S=_letter(pieces, "S"), P=_letter(pieces, "P"), I=_letter(pieces, "I"), N=_letter(pieces, "N"))


def _letter(pieces: Sequence[_Piece], letter: Spin) -> tuple[Evidence, ...]:
    """Distinct evidence of one letter."""
    unique = dict.fromkeys(p.evidence for p in pieces if p.letter == letter)
    return tuple(unique)[-MOST:]


def _read_turn(turn: Turn, index: int) -> list[_Piece]:
    figures = find_figures(turn.text, turn.at)
    pieces: list[_Piece] = []
    for clause in _stated(turn.text):
        inside = [f for f in figures if clause.start <= f.start < clause.end]
        letters = _letters(clause, inside)
        slots = frozenset(f.kind for f in inside) | _word_slots(clause.plain)
        pieces.extend(_Piece(letter, Evidence(clause.text, index), slots) for letter in letters)
    return pieces


def _stated(text: str) -> list[Clause]:
    """The clauses the customer asserts: of 不是20万是12万 only 是12万."""
    stated = []
    for clause in clauses(text):
        denied = _DENIED.search(clause.plain)
        if denied is None or not _CORRECTION.search(plain(text)) or not find_figures(denied[1]):
            stated.append(clause)
            continue
        rest = clause.text[denied.end() :].strip(" ，,")
        if rest:
            start = clause.end - len(clause.text[denied.end() :].lstrip(" ，,"))
            stated.append(Clause(rest, plain(rest), start, start + len(rest)))
    return stated


def _letters(clause: Clause, figures: Sequence[Figure]) -> list[Spin]:
    words = clause.plain
    if len(words) < 2 or words.startswith("["):
        return []
    found: list[Spin] = []
    if _is_situation(words, figures):
        found.append("S")
    problem = _PROBLEM.search(words)
    if problem and not _FEARLESS.search(words) and not _QUESTION_ONLY.search(words):
        found.append("P")
    if _CONSEQUENCE.search(words) and not _FEARLESS.search(words):
        found.append("I")
    if _NEED.search(words) and not _NOT_NEED.search(words):
        found.append("N")
    return found


def _is_situation(words: str, figures: Sequence[Figure]) -> bool:
    """Money, horizon, holding, family, work or experience of the customer herself; a bank's fact is none."""
    kinds = {f.kind for f in figures}
    if _BANK_FACT.search(words) and not re.search(r"我|手头|手里|手上", words):
        return False
    if "money" in kinds and _states_money(words):
        return True
    if kinds & {"term", "date"} and (
        _HORIZON.search(words) or _LIFE.search(words) or re.search(r"到期|满|到日子", words)
    ):
        return True
    if any(f.unit in ("岁", "周岁") for f in figures) or (
        "count" in kinds
        and re.search(r"(?:我|妈|爸|老伴|今年)[^，。]{0,4}(?:都|快)?\s?[\d六七八五四三二]\S{0,2}(?:了|岁|多)", words)
    ):
        return bool(_SELF_AGE.search(words))
    if re.search(r"用不着|用不到|不急用|暂时不用|随时(?:可能)?(?:要|得)?用|急用$|要用钱", words):
        return True
    if _LIFE.search(words) and not re.search(
        r"(?:养老|社保|公积金)(?:产品|理财|账户|金账户)?(?:是|怎么|咋|有|能|可以)", words
    ):
        return True
    if (
        _FAMILY.search(words)
        and len(words) >= 4
        and not re.search(r"^(?:我)?(?:妈|爸|老婆|老公|老伴|儿子|女儿|家里人?)(?:说|问|让|叫)", words)
    ):
        return True
    if (
        _HOLDING.search(words)
        and _HOLDING_OWN.search(words)
        and not re.search(
            r"^(?:现在)?(?:三年|一年|半年|五年)?(?:的)?(?:大额)?(?:定期|存单|国债)(?:现在)?(?:多少|几|还有|利率)", words
        )
    ):
        return True
    return bool(_EXPERIENCE.search(words))


_ASKING = re.compile(
    r"[?？]|[吗么伐没不]$|多少|几(?!十|万|百|千)|能不能|可不可以|可以|买不买|行不行|得不得|够不够|怎么|为啥|为什么|起(?:$|😂|码)|还是[^，]{0,6}[万千百]|要不要"
)
_OWN_STRONG = re.compile(
    r"我(?:有|这|那|手|就|只|一共|大概|的|现在|要取|要放|想放|存|打算|买)|手头|手里|手上|卡里|老伴|退休|工资|到期|闲"
)


def _states_money(words: str) -> bool:
    """Whether the sum in a clause is hers: said outright, or in a question only with a word of possession."""
    if _ASKING.search(words):
        return bool(_OWN_STRONG.search(words))
    return bool(_OWN_MONEY.search(words)) or len(words) <= 10


def _word_slots(words: str) -> frozenset[str]:
    """Which non-numeric facts a clause states, so that a correction meets its like."""
    slots = set()
    for name, pattern in (("purpose", _LIFE), ("family", _FAMILY)):
        found = pattern.search(words)
        if found:
            slots.add(f"{name}:{found[0]}")
    return frozenset(slots)


def _without_corrected(pieces: list[_Piece], new: Sequence[_Piece], turn: Turn) -> list[_Piece]:
    """Earlier evidence that states another value of what the correction states."""
    replaced = {slot for p in new for slot in p.slots if ":" not in slot}
    denied = _DENIED.search(plain(turn.text))
    words = denied[1].strip() if denied else ""
    values = {f.value for f in find_figures(words, turn.at)} if words else set()
    kept = []
    for piece in pieces:
        figures = find_figures(piece.evidence.quote, turn.at)
        same_kind = any(f.kind in replaced for f in figures)
        if values and any(f.value in values for f in figures):
            continue
        if words and len(words) >= 2 and not values and words in plain(piece.evidence.quote):
            continue
        if not values and same_kind and piece.letter == "S":
            continue
        kept.append(piece)
    return kept
