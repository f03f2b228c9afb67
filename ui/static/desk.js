// The page's own script: clicks inside HTML areas, keys, the editor's marks, and the clipboard.
// It decides nothing: every click becomes an event of the server, which checks again.
(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const field = (id) => document.querySelector(`#${id} textarea, #${id} input`);
  const verb = (element) => [...element.classList].find((c) => c.startsWith("do-"))?.slice(3) ?? "";
  const text = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("br").forEach((br) => br.replaceWith("\n"));
    return copy.textContent;
  };

  // A session that ended shows in the first refused call: go and sign in again, and come back.
  const fetched = window.fetch;
  window.fetch = async (...args) => {
    const answer = await fetched(...args);
    if (answer.status === 401) {
      const page = location.pathname.replace(/\/$/, "");
      location.assign(`/login?expired=1&next=${encodeURIComponent(page)}`);
    }
    return answer;
  };

  function put(id, value) {
    const input = field(id);
    if (!input) return;
    const kind = input.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function command(said) {
    put("command", said);
    setTimeout(() => at("go")?.click(), 20); // once the page has taken the value over
  }

  async function signOut() {
    await fetched("/logout", { method: "POST", redirect: "manual" });
    location.assign("/login");
  }

  async function copy(value) {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch {
      const area = document.createElement("textarea"); // plain http has no clipboard API
      area.value = value;
      area.className = "copy-area";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  // --- the editor -------------------------------------------------------------------------------------------------
  const fingerprint = (value) => {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(value)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return hash.toString(16).padStart(8, "0");
  };

  function found() {
    return [...document.querySelectorAll("#findings .finding")].map((element) => {
      const where = [...element.classList].find((c) => c.startsWith("at-"))?.match(/^at-(\d+)-(\d+)$/);
      const severity = ["block", "review", "warn"].find((s) => element.classList.contains(`is-${s}`));
      return { start: Number(where?.[1] ?? 0), end: Number(where?.[2] ?? 0), severity, element };
    });
  }

  function edit(change) {
    const letters = Array.from(field("editor").value); // offsets count code points
    put("editor", change(letters));
    field("editor").focus();
  }

  function act(said) {
    const [kind, number] = said.split("-");
    const finding = found()[Number(number)];
    const fix = finding?.element.querySelector(".fix-text");
    if (kind === "goto" && finding) {
      const letters = Array.from(field("editor").value);
      const start = letters.slice(0, finding.start).join("").length;
      field("editor").focus();
      field("editor").setSelectionRange(start, start + letters.slice(finding.start, finding.end).join("").length);
    } else if (kind === "fix" && fix) {
      edit((l) => [...l.slice(0, finding.start), text(fix), ...l.slice(finding.end)].join(""));
    } else if (kind === "add" && fix) {
      edit((l) => l.join("") + (l.length && !/[。！？\n]$/.test(l.join("")) ? "。" : "") + text(fix));
    } else return false;
    return true;
  }

  // Marks lie behind the transparent textarea, letter under letter.
  function mirror() {
    const input = field("editor");
    if (!input) return;
    const box = input.parentElement;
    let back = box.querySelector(".mirror");
    if (!back) {
      back = document.createElement("div");
      back.className = "mirror";
      back.setAttribute("aria-hidden", "true");
      box.prepend(back);
      input.addEventListener("scroll", () => (back.scrollTop = input.scrollTop));
    }
    const letters = Array.from(input.value);
    const rank = { warn: 1, review: 2, block: 3 };
    const worst = letters.map(() => "");
    if (!at("reply").classList.contains("pending"))
      for (const f of found())
        for (let i = f.start; i < Math.min(f.end, letters.length); i++)
          if ((rank[f.severity] ?? 0) > (rank[worst[i]] ?? 0)) worst[i] = f.severity;
    back.replaceChildren();
    for (let i = 0, j = 0; i < letters.length; i = j) {
      while (j < letters.length && worst[j] === worst[i]) j++;
      const piece = document.createElement(worst[i] ? "mark" : "span");
      if (worst[i]) piece.className = `is-${worst[i]}`;
      piece.textContent = letters.slice(i, j).join("");
      back.append(piece);
    }
    back.append("\n");
    const style = getComputedStyle(input);
    back.style.padding = style.padding;
    back.style.font = style.font;
    back.style.lineHeight = style.lineHeight;
    back.style.width = `${input.clientWidth + 2 * parseFloat(style.borderLeftWidth || 0)}px`;
    back.style.height = `${input.offsetHeight}px`;
    back.scrollTop = input.scrollTop;
  }

  let painted = "";
  let waiting = 0;
  function refresh() {
    const input = field("editor");
    const verdict = document.querySelector("#verdict .verdict");
    if (input && at("reply")) {
      const pending = input.value.trim() !== "" && !verdict?.classList.contains(`fp-${fingerprint(input.value)}`);
      at("reply").classList.toggle("pending", pending);
      waiting = pending ? waiting || Date.now() : 0;
      if (pending && Date.now() - waiting > 1500) {
        waiting = Date.now();
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
      const now = `${input.value}|${pending}|${at("findings")?.innerText}|${input.offsetHeight}|${input.clientWidth}`;
      if (now !== painted) mirror();
      painted = now;
    }
    copyReleased();
    for (const clock of document.querySelectorAll(".elapsed")) {
      clock.began ??= Date.now();
      const seconds = Math.floor((Date.now() - clock.began) / 1000);
      const says = seconds > 0 ? `${seconds} s` : "";
      if (clock.textContent !== says) clock.textContent = says;
    }
    document.body.classList.remove("dark");
  }

  let copied = "";
  async function copyReleased() {
    const released = document.querySelector("#sent .released-text");
    const number = released && [...released.classList].find((c) => c.startsWith("copy-"));
    if (!number || number === copied) return;
    copied = number;
    if (!(await copy(text(released)))) document.querySelector("#sent .do-copy-text")?.focus();
    setTimeout(() => field("say")?.focus(), 50);
  }

  // --- clicks and keys --------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("button.act");
    if (!target) return;
    const said = verb(target);
    if (said === "signout") signOut();
    else if (said.startsWith("language-")) {
      const to = said.slice(9);
      const page = location.pathname.replace(/^\/en(?=\/)/, "").replace(/\/$/, "");
      location.assign(`/language/${to}?next=${to === "en" ? "/en" : ""}${page}`);
    } else if (said === "again") at("generate")?.click();
    else if (said === "copy-text" || said === "copy-disclosure") {
      const from = document.querySelector(said === "copy-text" ? "#sent .released-text" : "#sent .released-disclosure");
      copy(text(from)).then((done) => done && target.classList.add("done"));
    } else if (!act(said)) command(said);
  });

  document.addEventListener(
    "keydown",
    (event) => {
      const main = event.ctrlKey || event.metaKey;
      if (main && event.key === "Enter") {
        event.preventDefault();
        event.stopPropagation();
        if (!event.shiftKey) at("generate")?.click();
        else if (!at("reply")?.classList.contains("pending") && !at("release")?.disabled) at("release")?.click();
      } else if (event.altKey && !main && /^Digit[1-3]$/.test(event.code)) {
        const use = document.querySelector(`#cards .do-adopt-${Number(event.code.slice(5)) - 1}`);
        if (use) {
          event.preventDefault();
          use.click();
        }
      }
    },
    true,
  );

  document.addEventListener("input", () => requestAnimationFrame(refresh));
  let due = false;
  new MutationObserver(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      const chat = at("chat");
      const count = chat?.querySelectorAll(".said").length ?? 0;
      if (chat && chat.dataset.count !== String(count)) {
        chat.dataset.count = String(count);
        chat.scrollTop = chat.scrollHeight;
      }
      refresh();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
  setInterval(refresh, 500);
  document.documentElement.lang = location.pathname.startsWith("/en/") ? "en" : "zh-CN";
})();
