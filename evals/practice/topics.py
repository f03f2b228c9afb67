"""What an advisor may ask about, and the words by which he is heard to. A customer's own patterns come first."""

from __future__ import annotations

import re
from collections.abc import Mapping

TOPICS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in (
        ("consequence", r"(?:要是|如果|假如|万一|真要).{0,28}(?:会|怎么|咋|怎样|什么|哪|吗|呢|影响|打算|够|撑|多少)|后果|耽误|影响(?:大|到|什么)|最坏|结果会|意味着|撑得住"),
        ("worry", r"担心|顾虑|怕(?:什么|的|不)|最怕|不放心|不踏实|没底|犹豫|介意|发愁|(?:什么|哪里|哪儿).{0,4}(?:难|烦|不满意|不舒服)|纠结|心里.{0,6}(?:过不去|堵|急|怕)|放不下|过不去|最?(?:愁|发愁|犯难)|睡不着|最怕"),
        ("wish", r"希望|理想|最好(?:是|能)|盼|期望|愿望|目标|想要(?:什么|的)|想(?:达到|做成|实现|怎么安排)|怎么样(?:才|算)|最(?:想|要紧|盼)|打算(?:怎么|用|做)|看重|在意|用来(?:做|干)|派.{0,4}用|(?:怎么|咋个?)(?:样)?(?:安排|放).{0,8}(?:踏实|省心|放心)|您(?:心里)?怎么排"),
        ("past", r"以前|之前|原来|原先|从前|过去|(?:买|做|碰|接触|用|存)过|经历|经验|亏过|吃过亏|不顺|一直(?:放|存|买)|现在.{0,6}(?:放在|存在|买的)"),
        ("source", r"(?:谁|哪儿|哪里|哪位|什么人).{0,8}(?:说|讲|介绍|推荐|听|看到|联系|认识|拉)|怎么(?:认识|知道|联系|找到)|(?:电话|短信|消息).{0,6}谁|谁.{0,4}(?:打|发|联系|让).{0,4}(?:您|你)|听谁|从哪"),
        ("knows", r"(?:了解|清楚|明白|听说|知道).{0,12}(?:吗|么|没有|多少|[?？])|怎么理解"),
        ("decide", r"商量|谁(?:做主|拿主意|来定|管钱)|一起(?:定|来|决定)|家里(?:人)?(?:知道|同意|怎么说)|跟.{0,6}(?:说过|提过|讲过)"),
        ("health", r"身体|病(?:情|了|房)?|住院|治疗|体检|睡(?:得|好|不)|吃得|吃(?:得|不)消"),
        ("family", r"家里|家人|孩子|小孩|娃|儿子|女儿|爱人|老伴|老公|老婆|对象|媳妇|父母|爸妈|老人|几口人|成家|结婚|负担|谁陪|跟谁住|(?:哪些|几口)人"),
        ("job", r"工作|上班|单位|哪一?行|做什么的|干什么的|职业|生意|退休|忙(?:什么|些)|收入|工资|进账|班(?:次|上)|排班"),
        ("term", r"多久|多长|什么时候|几时|啥时候|哪天|哪个月|几个月|几年|期限|急(?:用|不急|着)|要用|放(?:得久|多久|多长)|用到|几号|几月"),
        ("amount", r"多少|几万|多大|金额|一共|总共|数目|大概.{0,4}(?:钱|块|万)|全部|这笔钱.{0,6}(?:是|有)|资金"),
    )
}  # fmt: skip
"""In the order in which a question that touches several is heard: 要是孩子上学要用会怎么样 asks what follows, not about the child."""
SPOKEN: Mapping[str, str] = {
    "amount": "amount",
    "term": "term",
    "date": "term",
    "person": "family",
    "purpose": "wish",
    "product": "past",
    "institution": "past",
}
"""Kinds of entity that the product finds in a question → the topic it is then about, where no words told."""
