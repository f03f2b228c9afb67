// Keys of the compliance page. They press the buttons that are there; the server checks every press again.
(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const reason = () => document.querySelector("#reason textarea, #reason input");
  const ACTS = { a: "approved", r: "returned", x: "rejected" };
  let armed = "";

  function arm(id) {
    armed = id;
    for (const each of Object.values(ACTS)) at(each)?.classList.toggle("armed", each === id);
  }

  // A decision needs its reason: without one the key leads to the box, and Ctrl + Enter there confirms.
  function decide(id) {
    const button = at(id);
    if (!button || button.disabled || !reason()) return;
    if (reason().value.trim()) {
      arm("");
      button.click();
    } else {
      arm(id);
      reason().focus();
    }
  }

  function move(step) {
    const rows = [...document.querySelectorAll("#queue .queue-rows button.row")];
    const open = rows.findIndex((row) => row.classList.contains("is-open"));
    const next = rows[open < 0 ? 0 : Math.min(Math.max(open + step, 0), rows.length - 1)];
    if (!next || next === rows[open]) return;
    arm("");
    next.scrollIntoView({ block: "nearest" });
    next.click();
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key === "Enter" && event.target === reason() && armed) decide(armed);
        return;
      }
      if (event.target.closest?.("textarea, select, [contenteditable], input:not([type=checkbox])")) {
        if (event.key === "Escape") {
          event.target.blur();
          arm("");
        }
        return;
      }
      const key = event.key.toLowerCase();
      if (ACTS[key]) decide(ACTS[key]);
      else if (key === "c") document.querySelector("#case-area .do-claim")?.click();
      else if (key === "arrowdown") move(1);
      else if (key === "arrowup") move(-1);
      else return;
      event.preventDefault();
    },
    true,
  );
})();
