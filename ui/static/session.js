// Whether the session goes on. When it is over the page stays, with everything written on it, until its person is signed in again.
(() => {
  "use strict";
  const LOOK_MS = 30_000;
  const SEEN_MS = 60_000;
  const BACK_MS = 1_500;
  const plain = window.fetch.bind(window);
  let name = ""; // whose page this is
  let box = null;
  let seen = 0;

  // A session that ended shows in the first refused call, ours or the page's.
  window.fetch = async (...args) => {
    const answer = await plain(...args);
    if (answer.status === 401) over();
    return answer;
  };

  async function ask(path, method = "GET") {
    try {
      const answer = await plain(path, { method, headers: { accept: "application/json" } });
      if (answer.status === 401) over();
      return answer.ok ? (await answer.json()).name : "";
    } catch {
      return ""; // no connection is not the end of a session
    }
  }

  function piece(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function over() {
    const kept = document.querySelector('meta[name="session-over"]');
    if (box || !kept || !document.body) return;
    const said = JSON.parse(kept.content);
    box = document.createElement("dialog");
    box.className = "session-over";
    box.setAttribute("aria-labelledby", "over-title");
    const [title, told, go, wait] = [piece("h2", said[""]), piece("p", said.text), piece("button", said.button), piece("p", "")];
    title.id = "over-title";
    go.className = "over-go";
    wait.className = "over-wait";
    wait.setAttribute("role", "status");
    go.addEventListener("click", () => {
      window.open("/login?next=/signed-in", "advisor-sign-in", "popup,width=480,height=720");
      wait.textContent = said.waiting;
    });
    box.addEventListener("cancel", (event) => event.preventDefault());
    box.append(title, told, go, wait);
    document.body.append(box);
    box.showModal();
    back();
  }

  async function back() {
    if (!box) return;
    let who = "";
    try {
      const answer = await plain("/session", { headers: { accept: "application/json" } });
      who = answer.ok ? (await answer.json()).name : "";
    } catch {
      who = "";
    }
    if (who && who !== name) location.reload(); // somebody else's page now: what was written is not his to see
    else if (who) {
      box.remove();
      box = null;
      document.querySelector("#notice .banner-bad")?.remove(); // it told of the end
      document.dispatchEvent(new Event("session-back"));
    } else setTimeout(back, BACK_MS);
  }

  // What a person does keeps the session; what the page does by itself does not.
  function acted() {
    if (box || Date.now() - seen < SEEN_MS) return;
    seen = Date.now();
    ask("/session/seen", "POST");
  }

  for (const kind of ["keydown", "pointerdown", "paste"]) document.addEventListener(kind, acted, { capture: true, passive: true });
  document.addEventListener("session-over", over);
  setInterval(() => box || ask("/session"), LOOK_MS);
  ask("/session").then((who) => (name = who));
})();
