// Comfort on top of pages that work without it: a click on the map fills in a place, or draws a line.
"use strict";

(() => {
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

  // A menu that is open closes when something else is pressed, and by Escape; without script its own word closes it.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.documentElement.classList.add("script");
  for (const panel of document.querySelectorAll("[data-pick-line]")) drawLine(panel);
  for (const panel of document.querySelectorAll("[data-pick]")) pickPlaces(panel);
})();
