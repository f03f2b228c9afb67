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

  // A call that gets no answer at all shows that the connection is lost.
  const fetched = window.fetch;
  window.fetch = async (...args) => {
    let answer;
    try {
      answer = await fetched(...args);
    } catch (error) {
      if (error instanceof TypeError) lost(true);
      throw error;
    }
    lost(false);
    if (answer.status === 429 || answer.status === 503) busy(answer.headers.get("retry-after") ?? "5");
    return answer;
  };

  // No room for a click just now: said in the page's own words, and gone when it may be tried again.
  function busy(seconds) {
    const says = document.querySelector('meta[name="busy"]')?.content;
    if (!says) return;
    at("busy")?.remove();
    const box = document.createElement("p");
    box.id = "busy";
    box.setAttribute("role", "alert");
    box.textContent = says.replace("{n}", seconds);
    document.body.append(box);
    setTimeout(() => box.remove(), Math.min(Number(seconds) || 5, 30) * 1000);
  }

  // A lost connection: what was written stays where it is, and is read again once the server answers.
  let away = false;
  function lost(now) {
    if (now === away) return;
    away = now;
    document.body.classList.toggle("lost", now);
    if (!now) setTimeout(again, 100);
  }

  function again() {
    const input = field("editor");
    if (!input?.value) return;
    const value = input.value;
    put("editor", `${value} `); // the same value again is no change to the page
    setTimeout(() => field("editor").value === `${value} ` && put("editor", value), 60);
  }

  async function knock() {
    if (!away) return;
    try {
      await window.fetch("/healthz", { cache: "no-store" });
    } catch {
      /* still away */
    }
  }
  window.addEventListener("offline", () => lost(true));
  window.addEventListener("online", knock);
  setInterval(knock, 2000);
  // Gradio reloads the page when its server is back: what it has not read yet goes to the server first.
  window.addEventListener("pagehide", () => {
    const conversation = field("opened")?.value;
    if (conversation && at("reply")?.classList.contains("pending"))
      navigator.sendBeacon("/draft", JSON.stringify({ conversation, text: field("editor").value }));
  });

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
    await fetch("/logout", { method: "POST", redirect: "manual" });
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

  // Words of a script or a passage go in where the cursor stands; the server reads them like any others.
  function insert(source) {
    const input = field("editor");
    const { selectionStart: from, selectionEnd: to, value } = input;
    put("editor", value.slice(0, from) + text(source) + value.slice(to));
    input.focus();
    const end = from + text(source).length;
    setTimeout(() => input.setSelectionRange(end, end), 30);
  }

  // What is selected, in code points, as the server counts.
  function selected() {
    const { selectionStart, selectionEnd, value } = field("editor");
    const count = (to) => Array.from(value.slice(0, to)).length;
    return `${count(selectionStart)}-${count(selectionEnd)}`;
  }

  // The suggestion that Alt ↑ ↓ chose and Alt ⏎ takes up.
  let next = -1;
  function choose(step) {
    const cards = [...document.querySelectorAll("#cards .candidate:not(.ghost)")];
    if (step && cards.length) next = (Math.max(next, step > 0 ? -1 : 0) + step + cards.length) % cards.length;
    if (!cards.length) next = -1;
    cards.forEach((card, n) => card.classList.toggle("is-next", n === next));
    if (step) cards[next]?.scrollIntoView({ block: "nearest" });
    return cards[next];
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

  // The room for a notice: from the page's title to the first link of the bar, or where that is too narrow to the name.
  let room = "";
  function measure() {
    const [title, link, who] = [".title", ".top-link", ".who"].map((c) => document.querySelector(`#top ${c}`));
    if (!title || !link || !who) return;
    const left = Math.ceil(title.getBoundingClientRect().right) + 14;
    const upTo = (end) => Math.floor(end.getBoundingClientRect().left) - 10 - left;
    const width = upTo(link) < 300 ? upTo(who) : upTo(link);
    if (room === `${left} ${width}`) return;
    room = `${left} ${width}`;
    document.documentElement.style.setProperty("--notice-left", `${left}px`);
    document.documentElement.style.setProperty("--notice-room", `${width}px`);
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
      if (pending && !away && Date.now() - waiting > 3000) {
        waiting = Date.now();
        again();
      }
      const now = `${input.value}|${pending}|${at("findings")?.innerText}|${input.offsetHeight}|${input.clientWidth}`;
      if (now !== painted) mirror();
      painted = now;
    }
    copyReleased();
    choose(0);
    measure();
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
    else if (said === "account") location.assign("/account");
    else if (said.startsWith("language-")) {
      const to = said.slice(9);
      const page = location.pathname.replace(/^\/en(?=\/)/, "").replace(/\/$/, "");
      location.assign(`/language/${to}?next=${to === "en" ? "/en" : ""}${page}`);
    } else if (said.startsWith("page-")) location.assign(`${location.pathname.startsWith("/en/") ? "/en" : ""}/${said.slice(5)}`);
    else if (said === "again" || said === "take") at("generate")?.click();
    else if (said === "rewrite") command(`rewrite-${selected()}`);
    else if (said === "put") insert(target.closest(".look-item").querySelector(".put-text"));
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
        if (!event.shiftKey) (at("generate") ?? at("practice-send"))?.click();
        else if (!at("reply")?.classList.contains("pending") && !at("release")?.disabled) at("release")?.click();
      } else if (event.altKey && !main && /^Digit[1-3]$/.test(event.code)) {
        const use = document.querySelector(`#cards .do-adopt-${Number(event.code.slice(5)) - 1}`);
        if (use) {
          event.preventDefault();
          use.click();
        }
      } else if (event.altKey && !main && ["ArrowDown", "ArrowUp"].includes(event.key) && at("cards")) {
        event.preventDefault();
        choose(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.altKey && !main && event.key === "Enter") {
        const use = document.querySelector("#cards .candidate.is-next .use");
        if (use) {
          event.preventDefault();
          use.click();
        }
      } else if (event.altKey && !main && event.code === "KeyR" && field("editor")?.value) {
        event.preventDefault();
        command(`rewrite-${selected()}`);
      }
    },
    true,
  );

  document.addEventListener("input", () => requestAnimationFrame(refresh));
  window.addEventListener("resize", () => requestAnimationFrame(refresh));
  let due = false;
  let answered = "";
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
      const looked = at("looked")?.textContent ?? "";
      if (looked !== answered) {
        answered = looked;
        if (looked) at("looking").scrollIntoView({ block: "start" }); // what was found lies below the suggestions
      }
      refresh();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
  setInterval(refresh, 500);
  document.documentElement.lang = location.pathname.startsWith("/en/") ? "en" : "zh-CN";
})();
