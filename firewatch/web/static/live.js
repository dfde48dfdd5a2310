// Keeps a page fresh, says when it is not, and calls whoever is on duty. Pages work without it, by loading them again.
"use strict";

(() => {
  const POLL_MS = 5000; // without a line
  const SLOW_POLL_MS = 30000; // with one: what another program wrote into the database may go untold
  const STALE_MS = 12000;
  const BACK_OFF_MS = [500, 1000, 2000, 4000];
  const RING_MS = 4000;

  const stale = document.getElementById("stale");
  // The answer to a form cannot be asked for again: of it only the bar is kept fresh.
  const isLive = document.body.hasAttribute("data-live-page") && !document.body.hasAttribute("data-posted");
  let lastWord = Date.now(); // of the server, by whichever way
  let lastRefresh = Date.now();

  // --- regions -------------------------------------------------------------------------------------------------------

  function busy(region) {
    const at = document.activeElement; // who reads a table with the keyboard is to read what is new
    if (region.contains(at) && !at.classList.contains("scroll")) return true;
    const selection = window.getSelection();
    return selection !== null && !selection.isCollapsed && region.contains(selection.anchorNode);
  }

  // A table stays scrolled as it was, and the focus on it.
  function replace(region, newer) {
    const boxes = () => [...region.querySelectorAll(".scroll")];
    const lefts = boxes().map((box) => box.scrollLeft);
    const focused = boxes().indexOf(document.activeElement);
    region.replaceChildren(...newer.childNodes);
    boxes().forEach((box, number) => { box.scrollLeft = lefts[number] ?? 0; });
    boxes()[focused]?.focus({ preventScroll: true });
  }

  function swap(fresh) {
    for (const region of document.querySelectorAll("[data-live]")) {
      if (!isLive && region.id !== "bar") continue;
      const newer = fresh.getElementById(region.id);
      if (newer === null || busy(region)) continue;
      for (const open of region.querySelectorAll("details[open]")) {
        const same = newer.querySelector("#" + open.id);
        if (same !== null) same.open = true;
      }
      if (newer.innerHTML !== region.innerHTML) replace(region, newer);
      region.className = newer.className;
    }
  }

  async function refresh() {
    const answer = await fetch(isLive ? location.href : "/duty", { cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (answer.redirected) {
      location.reload(); // signed out meanwhile
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    lastWord = lastRefresh = Date.now();
    listenForCalls();
  }

  // One at a time; what changes meanwhile is asked for once more afterwards.
  let asking = false;
  let again = false;
  async function freshen() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    do {
      again = false;
      await refresh().catch(() => undefined);
    } while (again);
    asking = false;
  }

  // --- line ----------------------------------------------------------------------------------------------------------

  let line = null;
  let revision = null;
  let failures = 0;

  function connect() {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live");
    let lastBeat = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - lastBeat > STALE_MS) socket.close();
    }, 1000);
    socket.addEventListener("message", (event) => {
      const heard = JSON.parse(event.data).revision;
      line = socket;
      failures = 0;
      lastBeat = lastWord = Date.now();
      if (heard !== revision) freshen();
      revision = heard;
    });
    socket.addEventListener("close", () => {
      clearInterval(watch);
      line = null;
      setTimeout(connect, BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)]);
      failures += 1;
    });
  }

  function poll() {
    const wait = line === null ? POLL_MS : SLOW_POLL_MS;
    if (Date.now() - lastRefresh >= wait && (line !== null || !document.hidden)) freshen();
  }

  function showStale() {
    const silent = Date.now() - lastWord;
    stale.hidden = silent < STALE_MS;
    document.body.classList.toggle("old", !stale.hidden);
    if (!stale.hidden) stale.textContent = stale.dataset.text.replace("%s", String(Math.round(silent / 1000)));
  }

  // --- bell: a new fire, an escalation at its end, a dead message ----------------------------------------------------

  const bell = document.getElementById("bell");
  const title = document.title;
  let audio = null;
  let rung = 0;

  const numbers = (text) => (text ?? "").split(" ").map(Number);
  const called = () => document.getElementById("calls")?.dataset.calls ?? "";
  const isOn = () => localStorage.getItem("sound") !== "off";
  const canSound = () => audio !== null && audio.state === "running";

  function rings() {
    const heard = localStorage.getItem("heard");
    if (heard === null) return false;
    const [fire, alarm] = numbers(called());
    const [oldFire, oldAlarm] = numbers(heard);
    return fire > oldFire || alarm > oldAlarm;
  }

  function sound() {
    for (const [start, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.value = 0.3;
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + start);
      tone.stop(audio.currentTime + start + 0.2);
    }
  }

  function showBell() {
    const state = !isOn() ? "off" : canSound() ? "on" : "blocked";
    const button = document.getElementById("sound");
    button.dataset.state = state;
    button.textContent = button.dataset[state];
    document.getElementById("heard").hidden = !rings();
  }

  function listenForCalls() {
    if (bell === null) return;
    if (localStorage.getItem("heard") === null && called() !== "") localStorage.setItem("heard", called());
    const calling = rings();
    if (calling && isOn() && canSound() && Date.now() - rung >= RING_MS) {
      rung = Date.now();
      sound();
    }
    document.title = calling && Math.floor(Date.now() / 1000) % 2 ? bell.dataset.flash + " " + title : title;
    showBell();
  }

  function start(then) {
    audio ??= new AudioContext();
    audio.resume().then(then, () => undefined);
  }

  // A browser lets nobody make a sound before the page was touched once. The bell's own button starts it by itself.
  function wake(event) {
    if (event.target.id === "sound") return;
    document.removeEventListener("pointerdown", wake);
    document.removeEventListener("keydown", wake);
    start(listenForCalls);
  }

  function readyBell() {
    bell.hidden = false;
    document.addEventListener("pointerdown", wake);
    document.addEventListener("keydown", wake);
    document.getElementById("sound").addEventListener("click", () => {
      const mute = isOn() && canSound();
      localStorage.setItem("sound", mute ? "off" : "on");
      if (!mute) start(() => {
        sound();
        listenForCalls();
      });
      listenForCalls();
    });
    document.getElementById("heard").addEventListener("click", () => {
      localStorage.setItem("heard", called());
      listenForCalls();
    });
    setInterval(listenForCalls, 1000);
    listenForCalls();
  }

  // A wall has nobody in front of it: nothing to press, so no bell either.
  const isWall = document.body.hasAttribute("data-wall");
  if (bell === null && !isWall) return; // nobody is signed in
  if (bell !== null) readyBell();
  connect();
  setInterval(poll, 1000);
  setInterval(showStale, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) freshen();
  });
})();
