"""Every word of the desk, in Chinese and English. Names of the closed sets are in `ui.labels`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True)
class Words:
    """The words of one language: `words("release")`, `words("planned", n=3)`."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The word for a key; an unknown key is a KeyError, so that a test finds it."""
        return TEXT[key][LANGUAGES.index(self.language)].format(**values)


TEXT: dict[str, tuple[str, str]] = {
    # frame
    "desk": ("顾问工作台", "Advisor desk"),
    "review": ("合规复核", "Compliance review"),
    "train": ("培训与评测", "Training and evaluation"),
    "sign_out": ("退出", "Sign out"),
    "other_language": ("EN", "中文"),
    "other_language_long": ("Switch to English", "切换到中文"),
    "model": ("模型", "Model"),
    "knowledge": ("知识", "Knowledge"),
    "rules": ("规则", "Rules"),
    "model_ready": ("就绪", "ready"),
    "model_starting": ("启动中", "starting"),
    "model_down": ("不可用", "down"),
    "model_scripted": ("只用话术", "scripts only"),
    "banner_down": (
        "模型暂时不可用，现在由审定话术和资料原文作答，其余照常。",
        "The model is not available. Approved scripts and source passages answer; everything else works.",
    ),
    "banner_starting": (
        "模型正在启动，这期间由审定话术作答。",
        "The model is starting. Approved scripts answer meanwhile.",
    ),
    # sign-in
    "sign_in": ("登录", "Sign in"),
    "sign_in_lead": ("话术助手 · {bank}", "Script copilot · {bank}"),
    "name": ("用户名", "Name"),
    "password": ("密码", "Password"),
    "wrong": ("用户名或密码不对。", "Wrong name or password."),
    "locked": (
        "连续输错，账号已暂时锁定，请约一刻钟后再试。",
        "Locked after repeated failures; try again in about 15 minutes.",
    ),
    "expired": (
        "登录已过期，请重新登录。未发出的回复已为您保留。",
        "Your session ended. Sign in again; your unsent reply is kept.",
    ),
    "form_expired": ("页面已过期，请再试一次。", "This page was too old; please try again."),
    "offline_note": (
        "本系统在行内运行，客户的话不会离开本机。",
        "Runs inside the bank. The customer's words stay on this machine.",
    ),
    "not_yours": ("这一页不属于您的岗位", "This page is not for your role"),
    "not_yours_text": ("您以「{role}」登录。", "You are signed in as {role}."),
    "go_home": ("去我的工作台", "Go to my desk"),
    # conversations
    "talks": ("会话", "Conversations"),
    "new_talk": ("＋ 新会话", "＋ New"),
    "no_talks": (
        "还没有会话。把客户的消息粘贴到中间的输入框，就会新建一个。",
        "No conversations yet. Paste a customer's message in the middle and one is made.",
    ),
    "nameless": ("未命名客户", "Unnamed customer"),
    "empty_talk": ("空会话", "empty"),
    "unanswered": ("待回复", "waiting"),
    "just_now": ("刚刚", "now"),
    "minutes": ("{n}分钟", "{n} min"),
    "yesterday": ("昨天", "yesterday"),
    # card
    "card": ("客户卡", "Customer card"),
    "card_empty": (
        "客户卡（未填：风险等级未知时不推荐任何产品）",
        "Customer card (empty: nothing is pitched while the risk level is unknown)",
    ),
    "f_name": ("称呼", "How to address"),
    "f_level": ("风险等级", "Risk level"),
    "f_assessed": ("测评日期", "Assessed on"),
    "f_age": ("年龄", "Age"),
    "f_holdings": (
        "持有（每行一项：名称 风险等级 金额 到期日）",
        "Holdings (one a line: name, risk level, amount, maturity)",
    ),
    "f_holdings_hint": ("稳健半年 R2 30万 2026-11-27", "稳健半年 R2 30万 2026-11-27"),
    "save_card": ("保存客户卡", "Save card"),
    "card_saved": ("客户卡已保存。", "Card saved."),
    "unknown_level": ("等级未知", "level unknown"),
    "assessed": ("测评 {on}", "assessed {on}"),
    "years": ("{n}岁", "{n} y"),
    "matures": ("到期 {on}", "matures {on}"),
    # chat
    "chat_empty": ("把客户的消息粘贴到下面，点「生成」。", "Paste the customer's message below, then Generate."),
    "chat_empty_more": (
        "可以一次贴几条，一行一条；带上自己说过的话时，用「客户：」「我：」开头。",
        "Several at once are fine, one a line. To include your own words begin lines with 客户: and 我:.",
    ),
    "customer": ("客户", "Customer"),
    "me": ("我", "Me"),
    "paste": (
        "粘贴客户消息…（一行一条；可用「客户：」「我：」开头）",
        "Paste customer messages… (one a line; 客户: and 我: may begin a line)",
    ),
    "say_label": ("客户消息", "Customer message"),
    "generate": ("生成  Ctrl ⏎", "Generate  Ctrl ⏎"),
    "again": ("重新生成  Ctrl ⏎", "Generate again  Ctrl ⏎"),
    # suggestions
    "advice": ("建议", "Suggestions"),
    "intent": ("意图", "Intent"),
    "intent_change": ("意图（可改，改后重新生成）", "Intent (change it to generate again)"),
    "tone": ("语气", "Tone"),
    "yours": ("您指定", "set by you"),
    "state": ("状态", "State"),
    "no_selling": ("不宜营销", "no selling now"),
    "quarantined": ("含对系统的指令，已隔离", "orders to the system, kept from the model"),
    "known": ("已知", "Known"),
    "missing": ("缺", "Missing"),
    "S": ("情况", "Situation"),
    "P": ("难处", "Problem"),
    "I": ("影响", "Implication"),
    "N": ("需要", "Need"),
    "ledger_none": ("还没有线索", "nothing yet"),
    "passages": ("资料 {n} 条", "Passages: {n}"),
    "no_passages": (
        "知识库里没有答案：不猜，先答应去查。",
        "The knowledge base has no answer: do not guess, promise to find out.",
    ),
    "held_note": ("客户持有", "held by the customer"),
    "superseded_note": ("已有新版", "superseded"),
    "nothing_yet": (
        "建议会出现在这里，每条都先过合规检查。",
        "Suggestions appear here, each after the guard has read it.",
    ),
    "waiting": ("客户在等回复，点「生成」。", "The customer is waiting. Press Generate."),
    "reading": ("正在理解消息、查资料", "Reading the message, looking up sources"),
    "drafting": (
        "正在写第 {n} 条（共 {of} 条），写完先过合规检查",
        "Writing suggestion {n} of {of}; the guard reads it before you do",
    ),
    "adopt": ("采用", "Use"),
    "from_model": ("模型", "model"),
    "from_script": ("话术", "script"),
    "disclosure": ("风险提示（单独一条）", "Risk disclosure (a message of its own)"),
    "source": ("来源", "Sources"),
    "from_card": ("客户卡", "customer card"),
    "from_message": ("客户原话", "customer's own words"),
    # failures
    "fail_guard": (
        "合规检查没有完成，文本已扣住，没有丢。请再试一次；仍不行请联系管理员。",
        "The guard could not finish. The text is held, nothing is lost. Try again, then tell the administrator.",
    ),
    "fail_record": (
        "记录没有写成，文本已扣住，没有丢。请稍后再试；仍不行请联系管理员。",
        "The record could not be written. The text is held, nothing is lost. Try again later, then tell the administrator.",
    ),
    "fail_model": (
        "模型没有回答。可以再试一次，话术仍可用。",
        "The model gave no answer. Try again; scripts still work.",
    ),
    "fail_index": (
        "知识索引不可用，请管理员运行 advisor-copilot index。会话和客户卡照常。",
        "The index is not available: ask the administrator to run advisor-copilot index. Conversations still work.",
    ),
    "fail_input": ("这项内容不能用，什么也没有改。", "This cannot be used; nothing was changed."),
    "fail_field": ("「{field}」填得不对，没有保存。", "“{field}” cannot be read; nothing was saved."),
    "fail_long": ("内容太长，请分几次粘贴。", "Too long: paste less at a time."),
    "fail_access": ("登录已过期，或这不是您的会话。", "You are signed out, or this is not your conversation."),
    "fail_other": (
        "出了意外，什么也没有发出。请再试一次；仍不行请联系管理员。",
        "Something failed; nothing was sent. Try again, then tell the administrator.",
    ),
    "retry": ("再试一次", "Try again"),
    "sign_in_again": ("重新登录", "Sign in again"),
    # editor
    "reply": ("回复", "Reply"),
    "reply_hint": ("采用一条建议，或直接写；边写边检查。", "Use a suggestion or write; it is checked as you type."),
    "pass": ("可发", "clear"),
    "warn": ("有提示", "note"),
    "review_held": ("需复核", "needs review"),
    "block": ("已拦截", "blocked"),
    "checking": ("检查中", "checking"),
    "unchecked": ("未检查", "not checked"),
    "stale": (
        "客户又写了新消息，或客户卡改了：请重新生成后再发。",
        "The customer wrote again or the card changed: generate again before sending.",
    ),
    "not_ready": (
        "先生成建议，才知道可以引用什么、按什么检查。",
        "Generate first: the check needs the sources of this request.",
    ),
    "basis": ("依据", "Basis"),
    "locate": ("定位", "find"),
    "replace_with": ("替换为", "Replace with"),
    "insert": ("补上", "Add"),
    "too_long": ("超过 120 字，客户不容易读完", "over 120 characters: hard to read in chat"),
    "judge_silent": (
        "模型复核未应答，以规则和分类器为准。",
        "The judging model gave no answer; rules and classifier stand.",
    ),
    "not_checked": ("缺资料未查：{checks}", "not checked for lack of records: {checks}"),
    "in_disclosure": ("在风险提示中", "in the disclosure"),
    "release": ("放行并复制  Ctrl ⇧ ⏎", "Release and copy  Ctrl ⇧ ⏎"),
    "refer": ("送合规复核", "Send to compliance"),
    "remark": ("给合规的附言", "Remark to compliance"),
    "remark_hint": ("为什么想这样说", "Why you want to say it"),
    "released": (
        "已放行，已记录（第 {entry} 号），文本已复制，可以粘贴给客户。",
        "Released and recorded (no. {entry}). The text is copied: paste it to the customer.",
    ),
    "released_unnoted": (
        "已放行并记录，但没能加进会话显示。",
        "Released and recorded, but not added to the conversation shown here.",
    ),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "second_bubble": ("第二条：风险提示", "Second message: risk disclosure"),
    "held": (
        "未放行：最终检查仍有问题，见下方。已记录。",
        "Not released: the last check found a problem, see below. Recorded.",
    ),
    "referred": (
        "已送合规复核（第 {entry} 号）。结果会出现在「我的送审」里。",
        "Sent to compliance (no. {entry}). The outcome appears under My referrals.",
    ),
    # own referrals
    "outcomes": ("我的送审", "My referrals"),
    "pending": ("待复核", "waiting"),
    "approved": ("已通过", "approved"),
    "returned": ("已退回", "returned"),
    "rejected": ("已驳回", "rejected"),
    "send_approved": ("放行并复制", "Release and copy"),
    "sent": ("已发", "sent"),
    # compliance
    "queue": ("待办", "Waiting"),
    "queue_n": ("待办 {n}", "{n} waiting"),
    "queue_empty": ("没有待复核的文本。", "Nothing waits for review."),
    "done_list": ("最近已处理", "Recently decided"),
    "case_none": ("从左边选一件。", "Choose a case on the left."),
    "case": ("案件 {entry}", "Case {entry}"),
    "talk_shown": ("对话", "Conversation"),
    "diff": ("建议 → 待发", "Suggestion → text to send"),
    "diff_none": ("顾问自己写的，没有用建议。", "Written by the advisor, not from a suggestion."),
    "removed": ("删去", "removed"),
    "added": ("加上", "added"),
    "text_to_send": ("待发文本", "Text to send"),
    "findings": ("命中", "Findings"),
    "remark_given": ("顾问附言", "Advisor's remark"),
    "reason": ("理由 / 附言（必填）", "Reason or comment (required)"),
    "approve": ("通过", "Approve"),
    "return": ("退回", "Return"),
    "reject": ("驳回", "Reject"),
    "decided": ("已由 {by} 处理：{decision}。{reason}", "Decided by {by}: {decision}. {reason}"),
    "own_case": ("这是您自己送的，不能自己复核。", "You referred this yourself: someone else decides."),
    "block_case": (
        "拦截级的命中在此版本不能通过：请退回修改，或驳回。",
        "Blocking findings cannot be approved here: return it for a change, or reject it.",
    ),
    "need_reason": ("请先写理由。", "Write a reason first."),
    "decision_saved": ("已记录。", "Recorded."),
    "already": ("这一件已经处理过。", "This case has been decided."),
    "evidence": (
        "规则 {rules} · 知识 {knowledge} · 模型 {model}",
        "rules {rules} · knowledge {knowledge} · model {model}",
    ),
    # trainer
    "record_counts": ("使用情况", "In use"),
    "c_proposals": ("客户消息", "customer turns"),
    "c_shown": ("给出建议", "suggestions shown"),
    "c_released": ("放行", "released"),
    "c_edited": ("改过再发", "edited before release"),
    "c_held": ("扣住", "held"),
    "c_referred": ("送复核", "referred"),
    "c_model": ("其中模型写", "by the model"),
    "c_script": ("其中话术", "from scripts"),
    "of_n": ("占 {of} 的 {share}", "{share} of {of}"),
    "evaluation": ("最近评测", "Newest evaluation"),
    "no_reports": (
        "还没有评测报告。运行 advisor-copilot eval，报告会出现在这里。",
        "No report yet. Run advisor-copilot eval and it appears here.",
    ),
    "bad_report": ("报告 {file} 读不出来：{wrong}", "Report {file} cannot be read: {wrong}"),
    "suite": ("套件", "Suite"),
    "figure": ("指标", "Figure"),
    "value": ("数值", "Value"),
    "before": ("上一次", "Before"),
    "n": ("样本", "n"),
    "refresh": ("刷新", "Refresh"),
}
