// Comfort on top of pages that work without it: live regions are fetched again, a click on the map fills in a place.
"use strict";

(() => {
  const EVERY_MS = 5000;
  const STALE_MS = 12000;

  const stale = document.getElementById("stale");
  let lastAnswer = Date.now();

  function busy(region) {
    if (region.contains(document.activeElement)) return true;
    const selection = window.getSelection();
    return selection !== null && !selection.isCollapsed && region.contains(selection.anchorNode);
  }

  function swap(fresh) {
    for (const region of document.querySelectorAll("[data-live]")) {
      const newer = fresh.getElementById(region.id);
      if (newer === null || busy(region)) continue;
      for (const open of region.querySelectorAll("details[open]")) {
        const same = newer.querySelector("#" + open.id);
        if (same !== null) same.open = true;
      }
      if (newer.innerHTML !== region.innerHTML) region.replaceChildren(...newer.childNodes);
      region.className = newer.className;
    }
  }

  async function refresh() {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(EVERY_MS * 2) });
    if (answer.redirected) {
      location.reload(); // signed out meanwhile
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    lastAnswer = Date.now();
  }

  async function keepLive() {
    if (!document.hidden) await refresh().catch(() => undefined);
    setTimeout(keepLive, EVERY_MS);
  }

  function showStale() {
    const silent = Date.now() - lastAnswer;
    stale.hidden = silent < STALE_MS;
    if (!stale.hidden) stale.textContent = stale.dataset.text.replace("%s", String(Math.round(silent / 1000)));
  }

  // Which place was clicked: the map's own units, then degrees, as the server wrote them down beside it.
  function place(map, event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    const [west, north, lonPerUnit, latPerUnit, height] = map.dataset.map.split(" ").map(Number);
    if (point.x < 0 || point.y < 0 || point.y > height) return null;
    return { lat: north - point.y * latPerUnit, lon: west + point.x * lonPerUnit };
  }

  function pickPlaces(panel) {
    const map = panel.querySelector("svg.map");
    const pin = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    pin.setAttribute("class", "pin");
    pin.setAttribute("r", "9");
    map.addEventListener("click", (event) => {
      const found = place(map, event);
      if (found === null || event.target.closest("a")) return;
      document.getElementById("lat").value = found.lat.toFixed(4);
      document.getElementById("lon").value = found.lon.toFixed(4);
      const [west, north, lonPerUnit, latPerUnit] = map.dataset.map.split(" ").map(Number);
      pin.setAttribute("cx", String((found.lon - west) / lonPerUnit));
      pin.setAttribute("cy", String((north - found.lat) / latPerUnit));
      map.append(pin);
    });
  }

  // A line of places: every click adds one to the text field, one a line, and the drawing follows the field.
  function drawLine(panel) {
    const map = panel.querySelector("svg.map");
    const field = document.getElementById(panel.dataset.pickLine);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("class", "drawn-line");
    map.append(line);
    const written = () => field.value.split("\n").filter((text) => text.trim() !== "");
    function redraw() {
      const [west, north, lonPerUnit, latPerUnit] = map.dataset.map.split(" ").map(Number);
      const spots = written().map((text) => text.split(/[\s,，]+/).map(Number)).filter((spot) => spot.every(Number.isFinite));
      const points = spots.map(([lat, lon]) => `${(lon - west) / lonPerUnit},${(north - lat) / latPerUnit}`);
      line.setAttribute("points", points.length === 1 ? `${points[0]} ${points[0]}` : points.join(" "));
    }
    function write(texts) {
      field.value = texts.join("\n");
      redraw();
    }
    map.addEventListener("click", (event) => {
      const found = place(map, event);
      if (found === null) return;
      event.preventDefault(); // a mark that leads elsewhere would take the drawing with it
      write([...written(), `${found.lat.toFixed(5)}, ${found.lon.toFixed(5)}`]);
    });
    field.addEventListener("input", redraw);
    document.querySelector("[data-undo]").addEventListener("click", () => write(written().slice(0, -1)));
    document.querySelector("[data-clear]").addEventListener("click", () => write([]));
    redraw();
  }

  document.documentElement.classList.add("script");
  for (const panel of document.querySelectorAll("[data-pick-line]")) drawLine(panel);
  for (const panel of document.querySelectorAll("[data-pick]")) pickPlaces(panel);
  if (document.body.hasAttribute("data-live-page")) {
    setTimeout(keepLive, EVERY_MS);
    setInterval(showStale, 1000);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) refresh().catch(() => undefined);
    });
  }
})();
