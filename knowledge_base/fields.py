"""The names a reference may have, as docs/references.md lists them. One place; scripts and facts are checked against it."""

from __future__ import annotations

ISSUED = "发行"
"""Who issues a product and who sells it; made of its issuer where the entry does not tell it."""
PRODUCT_FIELDS: tuple[str, ...] = (
    "名称",
    "类型",
    "风险等级",
    "期限",
    "起购",
    "基准",
    "净值",
    "七日年化",
    "开放",
    "赎回",
    "到账",
    "费用",
    "投向",
    "截止",
    "起息",
    "到期日",
    "状态",
    "利率",
    "起存",
    "提前支取",
    "缴费期",
    "保障期",
    "犹豫期",
    "退保",
    "保证部分",
    "手续费",
    "提取",
    ISSUED,
)
CUSTOMER_FIELDS: tuple[str, ...] = (
    "称呼",
    "到期产品",
    "到期金额",
    "到期日",
    "剩余天数",
    "持有产品",
    "持有金额",
    "金额",
    "期限",
    "日期",
    "所问",
    "风险等级",
    "测评日",
)
BANK_FIELDS: tuple[str, ...] = ("名称", "电话", "投诉", "营业时间")
HELP_FIELD = "求助"
"""Whom to call when life itself is in danger; at hand only then."""
HOLIDAY_FIELDS: tuple[str, ...] = ("假期", "休市", "最后申购", "恢复")
GONE_FIELD = "不在售"
"""A product's state once more, at hand only where it cannot be bought."""
RECKONED_FIELDS: tuple[str, ...] = ("利息", "到期日")
ANSWER, POINT = "答", "要点"

HANDLES: dict[str, tuple[str, ...]] = {
    "甲": (*PRODUCT_FIELDS, GONE_FIELD),
    "乙": (*PRODUCT_FIELDS, GONE_FIELD),
    "算": RECKONED_FIELDS,
    "客户": CUSTOMER_FIELDS,
    "行": (*BANK_FIELDS, HELP_FIELD),
    "历": HOLIDAY_FIELDS,
    "问": (ANSWER,),
    "规": (POINT,),
    "观点": (POINT,),
}

NAMES: frozenset[str] = frozenset(f"{handle}.{field}" for handle, fields in HANDLES.items() for field in fields)
"""Every reference there is, e.g. `甲.期限`."""

ALWAYS: frozenset[str] = frozenset({"客户.称呼", *(f"行.{field}" for field in BANK_FIELDS)})
"""References at hand in every request; a script need not list them."""

BANK = "bank"
"""Document id of the bank's own particulars."""

RISK_NAMES: dict[str, str] = {"R1": "低风险", "R2": "中低风险", "R3": "中风险", "R4": "中高风险", "R5": "高风险"}

STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "on_sale": ("在售",),
    "closed": ("已成立", "已售罄", "已结束", "停止", "已停售"),
    "matured": ("已到期",),
    "upcoming": ("尚未开售", "未开售", "即将"),
}
"""Words of which one must stand in a product's 状态."""
