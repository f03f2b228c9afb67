"""Chinese names of the closed sets, as prompts and screens say them."""

from __future__ import annotations

INTENT_ZH: dict[str, str] = {
    "maturity_reinvest": "到期承接",
    "product_inquiry": "产品咨询",
    "performance_concern": "净值与收益波动",
    "liquidity_need": "用款与赎回",
    "recommendation_request": "求推荐与配置",
    "comparison_competitor": "比较",
    "risk_concern": "风险顾虑",
    "deposit_rate": "存款利率",
    "transaction_help": "操作办理",
    "holiday_arrangement": "节假日安排",
    "fee_inquiry": "费用",
    "risk_assessment": "风险测评与适当性",
    "insurance_pension": "保险与养老",
    "market_view": "市场观点",
    "loan_credit": "贷款与信用卡",
    "benefits_activity": "权益活动",
    "complaint": "投诉",
    "outflow_churn": "资金流出",
    "life_planning": "人生规划",
    "objection_hesitation": "异议与犹豫",
    "greeting_smalltalk": "寒暄",
    "fraud_security": "安全与诈骗",
    "other_unclear": "其他",
}
MOVE_ZH: dict[str, str] = {
    "situation": "了解情况",
    "problem": "点出难处",
    "implication": "说清影响",
    "need": "说出需要",
    "answer": "直接回答",
    "soothe": "安抚",
    "safety": "先保安全",
    "decline": "如实婉拒",
    "find_out": "去查清楚",
}
TONE_ZH: dict[str, str] = {"warm": "亲切", "brief": "简短", "formal": "正式"}
STATE_ZH: dict[str, str] = {
    "calm": "平静",
    "upset": "生气",
    "grief": "难过",
    "crisis": "有轻生之意",
    "confused": "糊涂",
    "minor": "未成年",
    "fraud": "被骗",
    "hurried": "着急",
}
TYPE_ZH: dict[str, str] = {
    "wealth": "理财",
    "cash": "现金管理",
    "deposit": "存款",
    "structured_deposit": "结构性存款",
    "treasury": "储蓄国债",
    "fund": "基金",
    "insurance": "保险",
    "gold": "黄金",
    "pension": "养老",
    "other": "其他",
}
ROLE_ZH: dict[str, str] = {"asked": "客户问的", "held": "客户持有", "offer": "可以推荐", "": ""}
