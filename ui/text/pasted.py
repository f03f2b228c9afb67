"""A pasted chat before it is taken. In Chinese and English."""

from __future__ import annotations

PASTED: dict[str, tuple[str, str]] = {
    "im_head": ("这样读这段聊天", "The chat, as it is read"),
    "im_count": ("共 {n} 条，新 {new} 条", "{n} messages, {new} new"),
    "im_asked": (
        "先点一下：谁是客户，哪个是您自己（只问这一次）。",
        "Say first who is the customer and who you are (asked once).",
    ),
    "im_other": (
        "打开的是「{name}」的会话，这段聊天是另一位客户的。",
        "The open conversation is {name}'s; this chat is with somebody else.",
    ),
    "im_elsewhere": ("打开这位客户的会话", "Open that customer's"),
    "im_fresh": ("放进新会话", "Put it in a new one"),
    "im_differs": (
        "您说的话里有 {n} 条与放行的不同，或没有放行过：取用时照样检查，该送合规的会送。",
        "{n} of your own messages differ from what was released, or never were: they are checked and, where due, go to compliance.",
    ),
    "im_customer": ("客户", "customer"),
    "im_me": ("我", "me"),
    "im_text": ("不是人名", "no name"),
    "im_skip": ("略过", "leave out"),
    "im_guessed": ("推测的，不对请改", "a guess: change it if wrong"),
    "im_not_names": ("不当人名：{names}", "Taken for no name: {names}"),
    "im_names_again": ("撤销", "undo"),
    "im_media": ("内容没有复制过来", "not copied"),
    "im_known": ("已有", "there already"),
    "im_asides": ("没有当作消息的 {n} 行", "Lines taken for no message: {n}"),
    "im_take": ("取用并生成  Ctrl ⏎", "Take and generate  Ctrl ⏎"),
    "im_drop": ("不要了", "Discard"),
    "im_taken": ("已取用，新消息 {new} 条。", "Taken: {new} new messages."),
    "im_queued": (
        "已取用，新消息 {new} 条。放行后改过的 {changed} 条、没有放行过的 {unreleased} 条已送合规（第 {numbers} 号）。",
        "Taken: {new} new messages. {changed} changed after release and {unreleased} never released went to compliance (no. {numbers}).",
    ),
}  # fmt: skip
