"""What every page says: the bar, failures, and names of the pages. In Chinese and English."""

from __future__ import annotations

COMMON: dict[str, tuple[str, str]] = {
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
    "fail_remark": (
        "送合规要写一句为什么想这样说。文本还在，没有送出。",
        "Compliance needs a remark: say why you want to say it. The text is here and was not sent.",
    ),
    "fail_long": ("内容太长，请分几次粘贴。", "Too long: paste less at a time."),
    "fail_access": ("登录已过期，或这不是您的会话。", "You are signed out, or this is not your conversation."),
    "busy": (
        "现在请求太多，什么也没有丢。请 {n} 秒后再试。",
        "Too many requests just now; nothing is lost. Try again in {n} s.",
    ),
    "not_now": ("现在用不了", "Not available just now"),
    "not_now_text": (
        "记录库暂时打不开，没有内容丢失。请稍后刷新；仍不行请联系管理员。",
        "The record cannot be opened just now; nothing is lost. Reload in a moment, then tell the administrator.",
    ),
    "fail_other": (
        "出了意外，什么也没有发出。请再试一次；仍不行请联系管理员。",
        "Something failed; nothing was sent. Try again, then tell the administrator.",
    ),
    "retry": ("再试一次", "Try again"),
    "sign_in_again": ("重新登录", "Sign in again"),
    # editor
    "comma": ("、", ", "),
    # knowledge
    "page_advisor": ("工作台", "Desk"),
    "page_compliance": ("合规复核", "Review"),
    "page_trainer": ("培训评测", "Training"),
    "page_knowledge": ("知识库", "Knowledge"),
    "index_rebuilding": ("索引更新中", "index rebuilding"),
    "index_failed": ("索引未更新", "index not updated"),
    "colon": ("：", ": "),
    "not_allowed": ("这件事不归您的岗位做。", "This is not for your role."),
    # pages and tabs
    "page_archive": ("检索与抽检", "Record"),
    "page_rulebook": ("规则工作台", "Rules"),
    "own_hand": ("这里有您经手的内容，须由另一位同事确认。", "You had a hand in this: someone else confirms it."),
    # the administrator's page
    "page_admin": ("账号", "Accounts"),
    # practice
    "page_practice": ("教练", "Practice"),
}  # fmt: skip
