"""Papers built like public statutes, for load only: what they say means nothing, how they are built and how long they are does.

python -m evals.statutes FOLDER [FILES]    (3,000 when not told)

Then `advisor-copilot index FOLDER` takes them in. Chapters, sections, articles with items, most of a few thousand characters, some of 100,000.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

FILES = 3_000
LONGEST = 300_000
"""Bytes of a file at most."""
_MIDDLE, _SPREAD = 15_000, 1.0
"""Bytes of the file in the middle, and how far the others lie from it (lognormal)."""
_PLACES = "中华人民共和国 云江省 望海省 长岭省 北原省 青川省 东屏市 南浦市 西岚市 澜江市 临湖市 安陵市 和泽市 广源市 新渡市 古田市 丰河市 明州市 宁海市 平溪市"
_MATTERS = (
    "证券投资 商业银行 存款保险 反洗钱 个人信息保护 土地利用 森林防火 水资源 食品安全 道路运输 城市供热 电梯安全 学前教育 职业培训 医疗废物 疫苗流通 "
    "渔业养殖 种子管理 矿产开采 船舶检验 铁路货运 无线电台 邮政服务 档案整理 文物修缮 旅游合同 住房租赁 物业服务 消防设施 气象预警 测绘成果 计量器具 "
    "特种设备 危险货物 烟花爆竹 民用航空 海关估价 增值税征收 契税缴纳 印花税票 政府采购 招标投标 审计监督 统计调查 价格听证 广告发布 商标代理 专利转让 "
    "著作登记 破产清算 公司登记 合伙经营 外商投资 进出口检疫 动物防疫 噪声污染 固体废物 湿地保护 节能评估 核材料"
)
_FORMS = ("法", "条例", "管理办法", "实施细则", "暂行规定", "监督规则")
_WHO = (
    "主管部门 登记机关 经营者 申请人 检查人员 投资者 承运人 受托机构 监护人 评估机构 行业协会 县级人民政府 托管机构 债权人 用人单位 生产企业 "
    "鉴定人 出租人 发行人 保荐机构 代理人 仲裁委员会"
)
_WHEN = "收到材料之日起 发生变更后 公告期满 情况紧急时 合同终止后 受理申请前 检查结束后 每年第一季度 规定期限届满 风险消除以前 经书面催告 取得许可以后"
_DOES = "报送 核验 公布 封存 备案 抽查 移交 撤销 暂停 更正 复核 登记 缴纳 清退 保管 披露 注销 通报 补正 评估 签收 销毁 赔付 追偿 冻结 划转"
_WHAT = (
    "财务报告 检验记录 许可证件 风险准备金 事故报告 资产清单 运行日志 评估结论 交易凭证 客户资料 应急预案 样品留存 保证金账户 信息披露文件 "
    "环境监测数据 施工图纸 培训档案 持股变动 关联交易 隐患台账 申报表 受益人名册 库存商品 电子签名 救济费用"
)
_ELSE = (
    "情节严重的，责令停业整顿 逾期不改正的，处以罚款 构成犯罪的，依法追究刑事责任 法律另有规定的，从其规定 应当向社会公开 不得转让或者出借 "
    "保存期限不得少于规定年限 费用由责任人承担 有异议的，可以申请复议 双方另有约定的除外"
)
_CHAPTERS = "总则 设立与登记 权利和义务 业务规则 信息公开 监督检查 风险处置 法律责任 特别规定 附则"
_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """A number below 10,000 as statutes write it: 21 → 二十一, 105 → 一百零五."""
    if number < 20:
        return _DIGITS[number] if number < 10 else "十" + (_DIGITS[number % 10] if number % 10 else "")
    for size, unit in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            more = number % size
            gap = "零" if more and more < size // 10 else ""
            rest = (_DIGITS[1] if 10 <= more < 20 else "") + numeral(more) if more else ""
            return f"{_DIGITS[number // size]}{unit}{gap}{rest}"
    raise AssertionError(number)


def titles() -> list[str]:
    """Every name a paper can have."""
    return [f"{place}{matter}{form}" for place, matter, form in product(_PLACES.split(), _MATTERS.split(), _FORMS)]


def statute(title: str, size: int, rng: random.Random) -> str:
    """A paper of about so many bytes."""
    lines = [title, "", f"（{rng.randint(1995, 2025)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日通过）", ""]
    article, written, chapters = 0, 0, 0
    a_chapter = max(1, size // 300 // len(_CHAPTERS.split()))
    while written < size:
        if article % a_chapter == 0 and chapters < len(_CHAPTERS.split()):
            chapters += 1
            lines += [f"第{numeral(chapters)}章　{_CHAPTERS.split()[chapters - 1]}", ""]
        article += 1
        body = f"第{numeral(article)}条　" + "\n".join(_article(rng))
        written += len(body.encode())
        lines += [body, ""]
    return "\n".join(lines)


@cache
def _pool(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _one(words: str, rng: random.Random) -> str:
    return rng.choice(_pool(words))


def _article(rng: random.Random) -> Iterator[str]:
    yield "".join(_sentence(rng) for _ in range(rng.choice((1, 1, 2, 3))))
    if rng.random() < 0.15:
        yield f"前款所称{_one(_WHAT, rng)}，包括下列事项："
        for number in range(1, rng.randint(3, 7)):
            yield f"（{numeral(number)}）{_one(_WHO, rng)}{_one(_DOES, rng)}的{_one(_WHAT, rng)}；"


def _sentence(rng: random.Random) -> str:
    days = f"在{numeral(rng.randint(2, 90))}个工作日内" if rng.random() < 0.4 else ""
    act = f"{_one(_WHO, rng)}{rng.choice(('应当', '可以', '不得'))}{days}{_one(_DOES, rng)}{_one(_WHAT, rng)}"
    more = f"，并将{_one(_WHAT, rng)}{_one(_DOES, rng)}给{_one(_WHO, rng)}" if rng.random() < 0.5 else ""
    return f"{_one(_WHEN, rng)}，{act}{more}；{_one(_ELSE, rng)}。"


def write(folder: Path, files: int = FILES, seed: int = 7) -> int:
    """Write so many papers; their bytes together."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    names, total = titles(), 0
    for name in rng.sample(names, min(files, len(names))):
        size = min(LONGEST - 1_500, int(rng.lognormvariate(0, _SPREAD) * _MIDDLE))
        text = statute(name, size, rng)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        total += len(text.encode())
    return total


if __name__ == "__main__":
    place, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else FILES
    print(f"{write(place, count) / 1e6:.1f} MB in {count} files")
