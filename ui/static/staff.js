// The administrator's page: an act that cannot be taken back is pressed twice, and a password is copied by one press.
(() => {
  "use strict";
  const AGAIN_MS = 4_000;

  function copy(word) {
    if (!word) return;
    getSelection().selectAllChildren(word); // plain http has no clipboard API
    if (navigator.clipboard) navigator.clipboard.writeText(word.textContent);
    else document.execCommand("copy");
  }

  document.addEventListener(
    "click",
    (event) => {
      const pressed = event.target.closest?.("button.act");
      if (!pressed) return;
      if (pressed.classList.contains("do-copy-secret")) {
        event.stopPropagation();
        copy(document.querySelector("#notice .secret-word"));
        pressed.classList.add("done");
      } else if (pressed.classList.contains("sure") && !pressed.classList.contains("armed")) {
        event.stopPropagation(); // the first press only asks
        const said = pressed.textContent;
        pressed.textContent = pressed.title;
        pressed.classList.add("armed");
        pressed.rest = () => {
          pressed.textContent = said;
          pressed.classList.remove("armed");
        };
        setTimeout(pressed.rest, AGAIN_MS);
      } else pressed.rest?.();
    },
    true,
  );
})();
