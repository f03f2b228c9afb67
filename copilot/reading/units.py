"""What may stand before and after a number, as patterns over folded text, and the characters a figure can begin with."""

from __future__ import annotations

import re

from copilot.reading.dates import STARTS

CURRENCY = {
    "元": "元", "块": "元", "蚊": "元", "圆": "元", "人民币": "元", "rmb": "元", "美": "USD", "刀": "USD", "usd": "USD", "港": "HKD",
    "hkd": "HKD", "欧": "EUR", "英": "GBP", "镑": "GBP", "€": "EUR", "£": "GBP", "日": "JPY", "澳": "AUD", "加": "CAD", "新": "SGD",
}  # fmt: skip
MONEY_UNIT = re.compile(
    r"\s?[多来余把]?个?(?P<scale>[百千万亿]*)(?P<cur>美金|美元|美刀|刀(?!具|片|切)|镑|欧(?![美洲式盟亚阳冠债])|港币|港元|港纸|欧元|英镑|日元|澳元|澳币|加元|加币|新币|"
    r"USD|HKD|人民币|RMB|rmb|块钱|蚊|块(?!儿|头)|圆(?!满)|元(?!旦|宵))(?P<small>[一二三四五六七八九](?=$|[，。,!！?？\s的]))?"
)
W_UNIT = re.compile(r"\s?[多来]?个[wW](?![A-Za-z])")
PREFIX = re.compile(r"(?P<cur>[¥$€£]|US\$|HK\$|RMB|rmb|USD|HKD|人民币)\s?$")
TERM_UNIT = re.compile(
    r"\s?[多来余]?(?:"
    r"个?(?P<work>工作日|交易日|自然日)|(?P<day>天(?![猫气])|日(?=期|的|封闭|开放|持有|滚动|周期|[，。,、）)\s]|$))"
    r"|个?(?P<half>半)?(?P<week>星期|礼拜|周(?![岁边转期一二三四五六日末到全]))|个(?P<half2>半)?多?(?P<month>月)|(?P<season>个季度|(?<=[两几2])季度)"
    r"|(?P<year>年)(?P<half3>半(?!年|载))?(?P<spare>半载)?"
    r"|个?(?P<half4>半)?(?P<hour>小时|钟头)|(?P<minute>分钟)"
    r")"
)
MONTHS_ON = re.compile(r"(?:零|又)?\s?(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})个月")
"""What goes on after years: 一年零两个月."""
TERM_DAYS = {
    "work": 1.0,
    "day": 1.0,
    "week": 7.0,
    "month": 30.0,
    "season": 90.0,
    "year": 365.0,
    "hour": 1 / 24,
    "minute": 1 / 1440,
}
TERM_NAMES = {
    "work": "工作日",
    "day": "天",
    "week": "周",
    "month": "月",
    "season": "季",
    "year": "年",
    "hour": "小时",
    "minute": "分钟",
}
RATE_UNIT = re.compile(
    r"\s?[多来几]?(?:(?P<pct>%|厘(?!米|清|定|头)|个?百分点|个(?P<half>半)?[多来几]?点(?!子|赞|心|评))|(?P<mille>‰)|(?P<bp>个?(?:bps?|BPS?|Bp)(?![A-Za-z])|个?基点)"
    r"|(?P<tenth>成(?!功|立|交|本|了|为|绩|长|年|员|分|都|天|果|份|熟|人|就|批|套)))"
)
RATE_PREFIX = re.compile(r"(百|千|万)分之\s?")
HALF = re.compile(r"半(?:拉子?)?(?P<u>年(?!报|度)|个?多?月(?!刊)|个点|个?小时|个?钟头|个?星期|个?礼拜)")
FUSED = re.compile(r"(?P<n>[俩仨])(?P<u>[来多]?月(?![饼亮底初末])|星期|礼拜|季度)")
"""俩 and 仨 hold their own 个: 仨月 is 三个月."""
FUSED_NUMBER = {"俩": 2, "仨": 3}
TPLUS = re.compile(r"[TtDd]\s?(?:\+|加)\s?(\d|[零一二两三四五六七八九])(?!\d)")
LEVEL = re.compile(r"(?P<pre>PR|[RrCc])\s?-?(?P<n>[1-5]|[一二三四五]|Ⅰ|Ⅱ|Ⅲ|Ⅳ|Ⅴ)(?![0-9A-Za-z.])")
NETVALUE = re.compile(
    r"净值[^0-9零一二两三四五六七八九，。,;；%]{0,8}(?P<n>[0-9]\.\d{2,5}|[零一二两三四]点[零一二三四五六七八九]{2,4})(?![%\d]|个点)"
)
CLASSIFIER = re.compile(
    r"\s?(?P<c>周岁|岁|公里|积分|个人|人次|个|位|份|次|笔|款|种|倍|克拉|克|g(?![A-Za-z])|斤|股|户|家|张|页|步|折|分(?![三两一二五几批成期开])|名|支|只|套|平米?|亩|人|票|"
    r"字|册|台|粉|点|级|期|条|项|号)"
)
JOIN = re.compile(r"\s?(?:到|至|-+|–|—+|~|或者?|、)\s?")

NUMERAL_START = frozenset("0123456789零一二两三四五六七八九十百千万几数半俩仨")
LETTER_START = frozenset("TtDdRrCcP净")
CAN_START = NUMERAL_START | LETTER_START | STARTS
NEXT_START = re.compile("[" + "".join(sorted(CAN_START)) + "]")
RATE_CUE = re.compile(
    r"(?:利率|年化|收益率?|利息|基准|费率|回报|涨了?|跌了?|亏了?|掉了?|降[到了]?|赚了?|回撤|给到?|才|到手|票面|挂牌)[^，。,!！?？\d零一二三四五六七八九]{0,5}$"
)
STRONG_RATE_CUE = re.compile(
    r"(?:利率|年化|收益率?|利息|基准|费率|回撤|票面|年利)(?:也?才|只有|就|是|有|能?到|大概|约|为|给|给到|在|都)*\s?$"
)
RATE_AFTER = re.compile(r"\s?(?:的|左右|那个|这个|呢|吗|[，。,?？!！]|$|和|跟)")
RATE_TALK = re.compile(r"利率|收益|年化|利息|定期|存款|理财|大额|国债|通知")
MONEY_TALK = re.compile(
    r"你们行|行里|手头|手里|手上|钱|存|理财|到期|放|取|转|本金|定期|定存|赎|投|买|闲|攒|凑|贷|款|卡里|账|额度|首付|大额|余额|亏|赚|利息|扣|花了|工资|价"
)
MONEY_BEFORE = re.compile(
    r"(?:有|放|存|拿|凑|攒|剩|取|转|投|到账|进来|出|用|还差?|差|手头|手里|手上|大概|差不多|共|也就)(?:了|着)?\s?$"
)
NOUN_AFTER = re.compile(
    r"(?:多)?\s?(?:$|[，。,.!！?？~、;；…\n）)]|了|吧|的(?!产品|理财|人)|左右|放|存|买|想|到期|吗|呢|够|先|以内|上下|嘛|呀|啊|哦|是|就|出来|进|全|都|一直|闲|不|要|打算|能|怎|咋|取|转|可|在|给|搁|拿|用|赎|投|数)"
)
NOT_MONEY_AFTER = re.compile(
    r"\s?(?:人(?!家|民)|户|份|股|步|里(?![有头面边的拿取先])|公里|积分|分(?![三两一二五几批成期开\d])|手(?!里|头|上)|次|册|字|平|套|辆|亩|台|粉|倍|克|g|点|位|家|只|件|名|吨|票)"
)
