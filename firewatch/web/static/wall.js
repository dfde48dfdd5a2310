// Lets the wall's clock go on between two answers of the server. Its hands are the server's: whoever reads it acts by it.
"use strict";

(() => {
  const two = (number) => String(number).padStart(2, "0");
  let hand = null;
  let since = 0;

  function tick() {
    const clock = document.querySelector("[data-second]");
    if (clock !== hand) {
      hand = clock;
      since = performance.now();
    }
    const gone = ((performance.now() - since) / 1000) * Number(clock.dataset.speed);
    const second = Math.floor(Number(clock.dataset.second) + gone) % 86400;
    clock.textContent = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(two).join(":");
  }

  document.documentElement.classList.add("script");
  setInterval(tick, 250);
})();
