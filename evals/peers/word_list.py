"""A peer: the plain word-list filter that a chat tool ships. A text with a listed word in it is held, whatever it says of the word.

JSON lines {"id", "text"} in, {"id", "held"} out.
"""

from __future__ import annotations

import json
import sys

_LIST = """
保本 保息 保收益 保证收益 保证本金 稳赚 稳赚不赔 零风险 无风险 没有风险 绝对安全 刚兑 刚性兑付 包赚 包赔 不会亏 亏不了 绝不亏损 只赚不赔 躺赚 预期收益 预期年化
必涨 必赚 一定涨 肯定涨 翻倍 暴涨 抄底 内幕 内部消息 老鼠仓 返现 返利 返佣 回扣 送礼 红包 抽奖 赠品 第一 最好 最高 最低 顶级 国家级 唯一 首选 百分百
100% 绝对 保险起见 限时 抢购 秒杀 最后一天 最后机会 售罄 停售 手慢无 高收益 低风险 秒到账 跟存款一样 等同存款 存款保险 验证码 密码 代签 代操作 代客 私下
私人账户 微信转账 加我微信 别录音 删记录 提成 佣金 业绩考核 监管批准 国家担保 银行担保 政府背书
"""
WORDS = tuple(_LIST.split())


def held(text: str) -> bool:
    """Whether any listed word stands in the text."""
    return any(word in text for word in WORDS)


def main() -> None:
    """Answer line by line."""
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], "held": held(asked["text"])}), flush=True)


if __name__ == "__main__":
    main()
