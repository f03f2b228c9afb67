// Files on their way: chosen or dropped, sent one after another, each with its progress and a way to stop it.
// The server decides what it takes; what it refuses it says in the page's language.
(() => {
  "use strict";
  const BODY = "application/octet-stream";
  const queue = []; // {file, row, state: "queued" | "sending", call}
  let busy = false;

  const place = () => document.querySelector("#sending .sending");
  const word = (key) => document.querySelector(`#sending .say-${key}`)?.textContent ?? "";
  const language = () => (location.pathname.startsWith("/en/") ? "en" : "zh");

  function element(tag, css, text = "") {
    const made = document.createElement(tag);
    made.className = css;
    made.textContent = text; // a file's name is text, never markup
    return made;
  }

  function show(item, state, text, done = null) {
    item.row.className = `on-way is-${state}`;
    item.row.querySelector(".on-way-state").textContent = text;
    item.row.querySelector(".on-way-bar i").style.width = done === null ? "0" : `${Math.round(done * 100)}%`;
  }

  function add(files) {
    const box = place();
    if (!box) return;
    for (const file of files) {
      const row = element("div", "on-way");
      const stop = element("button", "on-way-stop", word("stop"));
      stop.type = "button";
      const bar = element("span", "on-way-bar");
      bar.append(element("i", ""));
      row.append(element("b", "on-way-name", file.name), bar, element("span", "on-way-state"), stop);
      const item = { file, row, state: "queued", call: null };
      stop.addEventListener("click", () => cancel(item));
      show(item, "queued", word("queued"));
      box.append(row);
      queue.push(item);
    }
    all();
    next();
  }

  function cancel(item) {
    const where = queue.indexOf(item);
    if (where >= 0) queue.splice(where, 1);
    item.call?.abort();
    item.row.remove();
    all();
  }

  // One button for many.
  function all() {
    const box = place();
    let button = box?.querySelector(".on-way-all");
    if (queue.length > 1 && !button) {
      button = element("button", "on-way-all", word("stop_all"));
      button.type = "button";
      button.addEventListener("click", () => [...queue].forEach(cancel));
      box.prepend(button);
    } else if (queue.length < 2) button?.remove();
  }

  function next() {
    const item = queue[0];
    if (busy || !item) return;
    busy = true;
    item.state = "sending";
    const call = (item.call = new XMLHttpRequest());
    call.open("POST", `/papers/upload?language=${language()}&name=${encodeURIComponent(item.file.name)}`);
    call.setRequestHeader("content-type", BODY);
    call.upload.addEventListener("progress", (e) =>
      show(item, "sending", `${word("sending")} ${Math.round((100 * e.loaded) / e.total)}%`, e.loaded / e.total),
    );
    call.addEventListener("loadend", () => {
      busy = false;
      const where = queue.indexOf(item);
      if (where >= 0) {
        queue.splice(where, 1);
        finish(item, call);
      }
      all();
      next();
    });
    show(item, "sending", word("sending"), 0);
    call.send(item.file);
  }

  function finish(item, call) {
    if (call.status === 401) document.dispatchEvent(new Event("session-over"));
    let told = "";
    try {
      told = JSON.parse(call.responseText).error ?? "";
    } catch {
      told = call.status === 200 ? "" : word("lost");
    }
    if (call.status === 200) {
      show(item, "sent", word("sent"), 1);
      setTimeout(() => item.row.remove(), 1500);
    } else {
      show(item, "failed", told || word("lost"));
      item.row.querySelector(".on-way-stop").textContent = word("remove");
    }
  }

  document.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest?.("button.do-choose")) return;
      event.stopPropagation(); // ours alone: no event of the server
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.addEventListener("change", () => add(input.files));
      input.click();
    },
    true,
  );

  const zone = (event) => event.target.closest?.("#upload") && document.querySelector("#dropzone .drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // a file dropped beside the zone must not replace the page
    zone(event)?.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => zone(event)?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const here = zone(event);
    here?.classList.remove("over");
    if (here && event.dataTransfer) add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.length) event.preventDefault();
  });
})();
