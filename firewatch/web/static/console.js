// Comfort on top of pages that work without it: a click on the map fills in a place, or draws a line; photos are sent smaller.
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
    function fill(lat, lon) {
      document.getElementById("lat").value = lat.toFixed(4);
      document.getElementById("lon").value = lon.toFixed(4);
      const [west, north, lonPerUnit, latPerUnit] = map.dataset.map.split(" ").map(Number);
      pin.setAttribute("cx", String((lon - west) / lonPerUnit));
      pin.setAttribute("cy", String((north - lat) / latPerUnit));
      map.append(pin);
    }
    map.addEventListener("click", (event) => {
      const found = place(map, event);
      if (found !== null && !event.target.closest("a")) fill(found.lat, found.lon);
    });
    const named = document.getElementById("place");
    if (named !== null) findPlaces(named, fill);
  }

  // A place by its name: candidates are asked for while it is typed, and a press on one fills in its coordinates.
  const TYPED_MS = 250;

  function findPlaces(field, fill) {
    const box = document.getElementById("places-found");
    let waiting = 0;
    async function look(text) {
      const answer = await fetch(`${field.dataset.places}?${new URLSearchParams({ q: text })}`);
      if (!answer.ok || answer.redirected || field.value.trim() !== text) return;
      box.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    }
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      const text = field.value.trim();
      if (text === "") box.querySelector(".found")?.remove();
      else waiting = setTimeout(() => look(text).catch(() => undefined), TYPED_MS);
    });
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button === null) return;
      event.preventDefault();
      fill(Number(button.dataset.lat), Number(button.dataset.lon));
      field.value = button.textContent;
      document.getElementById("picked").value = button.value;
      const taken = box.querySelector("[data-taken]");
      taken.textContent = taken.dataset.taken.replace("%s", button.textContent);
      taken.hidden = false;
      box.querySelector(".found").remove();
      document.getElementById("lat").focus();
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

  // A picture is made smaller before it is sent: the line from the mountain is thin. What the camera wrote of its place
  // and time (EXIF, the first APP1 segment) is put back in front, since the drawing has lost it.
  const SMALL_ENOUGH = 1000000;

  function exifOf(bytes) {
    for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
      const length = 2 + bytes[at + 2] * 256 + bytes[at + 3];
      if (bytes[at + 1] === 0xe1 && String.fromCharCode(...bytes.slice(at + 4, at + 8)) === "Exif") return bytes.slice(at, at + length);
      at += length;
    }
    return new Uint8Array();
  }

  async function smaller(file, longest) {
    if (file.type !== "image/jpeg" || file.size <= SMALL_ENOUGH) return null;
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longest / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
    if (drawn === null || drawn.size >= file.size) return null;
    const exif = exifOf(new Uint8Array(await file.slice(0, 131072).arrayBuffer()));
    return new Blob([drawn.slice(0, 2), exif, drawn.slice(2)], { type: "image/jpeg" });
  }

  function sendPhotos(form) {
    const status = form.querySelector("[role=status]");
    const button = form.querySelector("button");
    const tell = (text) => { status.textContent = text; };

    async function send(file) {
      const fields = new FormData(form);
      const made = await smaller(file, Math.min(1920, Number(form.dataset.photo))).catch(() => null);
      if (made !== null) {
        fields.set("picture", made, "picture.jpg");
        fields.set("upright", "yes");
      }
      const request = new XMLHttpRequest();
      const over = new Promise((done) => { request.addEventListener("loadend", done); });
      request.upload.addEventListener("progress", (event) => {
        tell(form.dataset.sending.replace("%s", String(Math.floor(event.loaded / event.total * 100))));
      });
      request.open("POST", form.action);
      request.send(fields);
      await over;
      return request;
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const request = await send(form.elements.picture.files[0]);
      button.disabled = false;
      if (request.status >= 200 && request.status < 300) {
        form.reset();
        location.assign(request.responseURL);
        if (request.responseURL.split("#")[0] === location.href.split("#")[0]) location.reload();
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const told = answer.querySelector("#photo-problem") ?? answer.querySelector("main h1"); // else a page of its own
      tell((request.status === 413 ? form.dataset.tooLarge : told?.textContent) || form.dataset.failed); // the file is still chosen: press again
    });
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
  for (const form of document.querySelectorAll("form[data-photo]")) sendPhotos(form);
  for (const panel of document.querySelectorAll("[data-pick-line]")) drawLine(panel);
  for (const panel of document.querySelectorAll("[data-pick]")) pickPlaces(panel);
})();
