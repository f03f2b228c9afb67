"""What each intent label means, in the words shown to people, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """One intent: its Chinese name, what the customer wants, and when another label is meant."""

    name: str
    zh: str
    wants: str
    unless: str = ""


_ROWS: tuple[Label, ...] = (
    Label("maturity_reinvest", "到期承接", "到期或将到期的钱怎么接着安排", "钱要转去别家：资金流出"),
    Label(
        "product_inquiry",
        "产品咨询",
        "一只产品的期限、等级、起购、投向、额度、说明书用语",
        "只问费用：费用；只问假期：节假日安排",
    ),
    Label("performance_concern", "净值与收益波动", "持有的产品亏了或不及预期", "正式投诉：投诉；买前担心：风险顾虑"),
    Label("liquidity_need", "用款与赎回", "到时要用钱、提前取、赎回多久到账", "逢节假日：节假日安排"),
    Label("recommendation_request", "求推荐与配置", "买什么、怎么配", "钱刚到期：到期承接；有人生目标：人生规划"),
    Label("comparison_competitor", "比较", "和别家、别的渠道或另一只产品比", "只问存款利率：存款利率"),
    Label("risk_concern", "风险顾虑", "会不会亏本金、保不保、最坏怎样", "已经亏着的持仓：净值与收益波动"),
    Label("deposit_rate", "存款利率", "定期、通知存款、大额存单的利率和额度"),
    Label("transaction_help", "操作办理", "App 或网点怎么办、报错", "被骗或丢手机：安全与诈骗"),
    Label("holiday_arrangement", "节假日安排", "周末假期的计息、申赎和网点营业"),
    Label("fee_inquiry", "费用", "各种费用、费率、能否减免"),
    Label("risk_assessment", "风险测评与适当性", "问卷、过期、因不匹配买不了"),
    Label("insurance_pension", "保险与养老", "保险、年金、个人养老金账户与产品"),
    Label("market_view", "市场观点", "利率、债券、黄金、股市、汇率往哪走", "说的是自己的亏损：净值与收益波动"),
    Label("loan_credit", "贷款与信用卡", "贷款、房贷、信用卡"),
    Label("benefits_activity", "权益活动", "积分、券、活动、会员权益"),
    Label("complaint", "投诉", "对银行或经理不满、要投诉、要赔"),
    Label("outflow_churn", "资金流出", "把钱转走、销卡、离开"),
    Label("life_planning", "人生规划", "买房、孩子、结婚、退休、父母：目标在前，钱在后", "只问养老产品：保险与养老"),
    Label("objection_hesitation", "异议与犹豫", "再想想、太少、太复杂、先不要"),
    Label("greeting_smalltalk", "寒暄", "问候、道谢、知道了、闲聊"),
    Label("fraud_security", "安全与诈骗", "疑似被骗、丢卡丢手机、有人要验证码"),
    Label("other_unclear", "其他", "以上都不是、看不懂、图片、与银行无关"),
)

LABELS: dict[str, Label] = {label.name: label for label in _ROWS}
"""Label by name, in the order of `types.INTENTS`."""
