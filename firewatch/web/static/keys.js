// The keyboard: one key for what a night on duty needs most. Off while something is typed.
"use strict";

(() => {
  const dialog = document.getElementById("keys");
  if (dialog === null) return; // nobody is signed in

  const PLACES = { s: "/", r: "/report", d: "/danger", m: "/messages" };

  function move(step) {
    const stops = [...document.querySelectorAll("main a[href]:not(svg a)")].filter(
      (link, index, all) => link.offsetParent !== null && all.findIndex((other) => other.href === link.href) === index,
    );
    if (stops.length === 0) return;
    const at = stops.indexOf(document.activeElement);
    stops[at === -1 ? (step > 0 ? 0 : stops.length - 1) : (at + step + stops.length) % stops.length].focus();
  }

  // Focused, not pressed: a key hit by mistake answers for nobody.
  function toAnswer() {
    const buttons = [...document.querySelectorAll("main [data-answer] button, main button[data-answer]")];
    const open = buttons.filter((button) => button.offsetParent !== null);
    if (open.length) open[(open.indexOf(document.activeElement) + 1) % open.length].focus();
  }

  function toSearch() {
    if (dialog.open) dialog.close();
    const field = document.getElementById("find");
    field.focus();
    field.select();
  }

  function pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]") !== null) return;
    const doing = {
      "?": () => (dialog.open ? dialog.close() : dialog.showModal()),
      "/": toSearch,
      j: () => move(1),
      k: () => move(-1),
      a: toAnswer,
      b: () => document.getElementById("heard").click(),
    }[event.key];
    if (doing !== undefined) {
      event.preventDefault();
      doing();
    } else if (Object.hasOwn(PLACES, event.key) && !dialog.open) {
      location.assign(PLACES[event.key]);
    }
  }

  document.addEventListener("keydown", pressed);
  document.getElementById("close-keys").addEventListener("click", () => dialog.close());
  document.getElementById("show-keys").addEventListener("click", () => dialog.showModal());
})();
