"use strict";
(async () => {
  const $ = id => document.getElementById(id);
  const facts = JSON.parse($("facts").textContent), say = facts.words, topics = facts.topics;
  if (!canUnpack() || !facts.texts) { $("old").hidden = !facts.texts; return; }

  // One block: numbers of four, two and one bytes, then the texts.
  const packed = Uint8Array.from(atob($("packed").textContent), sign => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const content = await new Response(stream).arrayBuffer();
  let at = 0;
  const take = (kind, size) => { const part = new kind(content, at, size); at += part.byteLength; return part; };
  const size = facts.texts, pairs = facts.pairs;
  const items = take(Uint32Array, pairs), xs = take(Uint16Array, size), ys = take(Uint16Array, size);
  const topicOf = take(Uint16Array, size), codes = take(Uint16Array, size), spans = take(Uint16Array, size);
  const days = take(Uint16Array, pairs), sure = take(Uint8Array, size);
  const signs = facts.characters.map(point => String.fromCodePoint(point)), codesOfTexts = new Uint8Array(content, at);
  const texts = unspell().split("\n"), lower = texts.map(text => text.toLowerCase());
  const start = new Uint32Array(size + 1);
  for (let dot = 0; dot < size; dot++) start[dot + 1] = start[dot] + spans[dot];
  const dotsOf = Array.from({ length: topics.length + 1 }, () => []);
  for (let dot = 0; dot < size; dot++) dotsOf[topicOf[dot]].push(dot);

  function canUnpack() {
    try { return Boolean(new DecompressionStream("deflate-raw")); } catch { return false; }
  }

  function unspell() {
    const parts = [];
    for (let i = 0; i < codesOfTexts.length; i++) {
      const code = codesOfTexts[i];
      parts.push(signs[code < 150 ? code : 150 + (code - 150) * 256 + codesOfTexts[++i]]);
    }
    return parts.join("");
  }

  // State. Topics are numbered from 1; 0 is mixed.
  const canvas = $("map"), pen = canvas.getContext("2d");
  const calendar = facts.calendar, last = Math.max(calendar.length - 1, 0);
  const on = new Array(topics.length + 1).fill(true), shown = new Uint32Array(size);
  let from = 0, to = last, query = [], isHit = null, chosen = -1, hovered = 0, turn = [], lit = -1;
  let view = { x: facts.grid / 2, y: facts.grid / 2, zoom: 1 };
  const count = number => number.toLocaleString("en-US");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
    .replace(/\[(\d[\d,]*) ([^|\]]*)\|([^\]]*)\]/g, (_, n, one, many) => `${n} ${n === "1" ? one : many}`);
  const label = topic => topic ? topics[topic - 1].label : say.mixed;
  let colors = [], ink = "", paper = "", muted = "", accent = "";
  function readColors() {
    const style = getComputedStyle(document.documentElement), of = name => style.getPropertyValue(name).trim();
    colors = [of("--mixed"), ...topics.map(topic => of(`--t${topic.color}`))];
    [ink, paper, muted, accent] = ["--ink", "--paper", "--muted", "--blue"].map(of);
  }

  // What is shown.
  function recount() {
    const known = calendar.length, wide = from === 0 && to === last;
    for (let dot = 0; dot < size; dot++) {
      let sum = 0;
      for (let i = start[dot]; i < start[dot + 1]; i++) {
        const day = days[i] - 1;
        if (!known || (day < 0 ? wide : day >= from && day <= to)) sum += items[i];
      }
      shown[dot] = sum;
    }
  }
  const isSeen = dot => shown[dot] > 0 && on[topicOf[dot]];
  function search() {
    query = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!query.length) { isHit = null; return; }
    const named = [say.mixed, ...topics.map(topic => `${topic.label} ${topic.terms}`)].map(text => text.toLowerCase());
    const coded = facts.codes.map(names => names.join(" ").toLowerCase());
    isHit = new Uint8Array(size);
    for (let dot = 0; dot < size; dot++) {
      const where = facts.has_texts ? lower[dot] : `${named[topicOf[dot]]} ${coded[codes[dot]]}`;
      isHit[dot] = query.every(word => where.includes(word)) ? 1 : 0;
    }
  }

  // Drawing.
  let width = 0, height = 0, asked = false;
  const unit = () => Math.min(width, height) * 0.94 / facts.grid * view.zoom;
  const place = (x, y) => [(x - view.x) * unit() + width / 2, (y - view.y) * unit() + height / 2];
  const radius = dot => (1.7 + Math.log2(view.zoom) * 0.55) * Math.min(3.5, Math.sqrt(shown[dot]));
  function draw() { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; paint(); }); } }
  function paint() {
    const ratio = window.devicePixelRatio || 1;
    width = canvas.clientWidth; height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = paper; pen.fillRect(0, 0, width, height);
    for (let topic = 0; topic <= topics.length; topic++) {
      for (const strong of [false, true]) {
        pen.beginPath();
        for (const dot of dotsOf[topic]) {
          if (!isSeen(dot) || (isHit !== null && isHit[dot] === 1) !== strong) continue;
          const [x, y] = place(xs[dot], ys[dot]), r = radius(dot) * (strong ? 1.4 : 1);
          if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
          pen.moveTo(x + r, y); pen.arc(x, y, r, 0, 7);
        }
        pen.globalAlpha = isHit && !strong ? 0.13 : lit >= 0 && lit !== topic ? 0.1 : strong ? 1 : topic ? 0.72 : 0.5;
        pen.fillStyle = colors[topic]; pen.fill();
      }
    }
    pen.globalAlpha = 1;
    writeLabels();
    if (chosen >= 0) {
      const [x, y] = place(xs[chosen], ys[chosen]);
      for (const [color, wide] of [[paper, 6], [ink, 2.5]]) {
        pen.beginPath(); pen.arc(x, y, radius(chosen) + 5, 0, 7); pen.lineWidth = wide; pen.strokeStyle = color; pen.stroke();
      }
    }
    if (document.activeElement === canvas) {
      pen.strokeStyle = muted; pen.lineWidth = 1; pen.beginPath();
      for (const [x, y] of [[9, 0], [0, 9]]) { pen.moveTo(width / 2 - x, height / 2 - y); pen.lineTo(width / 2 + x, height / 2 + y); }
      pen.stroke();
    }
  }
  function writeLabels() {
    const taken = [], many = width < 520 ? 12.5 : 14;
    pen.font = `600 ${many}px ${getComputedStyle(canvas).fontFamily}`;
    pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineJoin = "round";
    topics.forEach((topic, number) => {
      if (!on[number + 1] || (lit >= 0 && lit !== number + 1)) return;
      const text = topic.label.split("·").slice(0, width < 520 ? 2 : 3).join("·");
      const half = pen.measureText(text).width / 2 + 5, tall = many * 0.85;
      let [x, y] = place(topic.x, topic.y);
      if (x < -half || y < -tall || x > width + half || y > height + tall) return;
      x = Math.min(Math.max(x, half), width - half);
      for (const lift of [0, -1, 1, -2, 2, -3, 3]) {
        const box = [x - half, y + lift * tall * 2 - tall, x + half, y + lift * tall * 2 + tall];
        if (box[1] < 0 || box[3] > height) continue;
        if (taken.some(other => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
        taken.push(box);
        const middle = (box[1] + box[3]) / 2;
        pen.lineWidth = 4.5; pen.strokeStyle = paper; pen.strokeText(text, x, middle);
        pen.fillStyle = ink; pen.fillText(text, x, middle);
        return;
      }
    });
    canvas.dataset.labels = taken.length;
  }
  function paintBars() {
    const bars = $("bars"), ratio = window.devicePixelRatio || 1, wide = bars.clientWidth, high = bars.clientHeight;
    bars.width = wide * ratio; bars.height = high * ratio;
    const sums = new Array(calendar.length).fill(0), inside = sums.slice();
    for (let dot = 0; dot < size; dot++) {
      if (!on[topicOf[dot]]) continue;
      for (let i = start[dot]; i < start[dot + 1]; i++) {
        if (!days[i]) continue;
        sums[days[i] - 1] += items[i];
        if (!isHit || isHit[dot]) inside[days[i] - 1] += items[i];
      }
    }
    const brush = bars.getContext("2d"), most = Math.max(1, ...sums), step = wide / Math.max(1, calendar.length);
    brush.setTransform(ratio, 0, 0, ratio, 0, 0); brush.clearRect(0, 0, wide, high);
    sums.forEach((sum, day) => {
      const chosenDay = day >= from && day <= to;
      for (const [value, color] of [[sum, isHit ? colors[0] : chosenDay ? accent : colors[0]], [isHit ? inside[day] : 0, chosenDay ? accent : muted]]) {
        const tall = value / most * (high - 2);
        brush.fillStyle = color; brush.fillRect(day * step, high - tall, Math.max(step - 1, 0.7), tall);
      }
    });
  }

  // Words beside the map.
  function tell() {
    let seen = 0, posts = 0, hits = 0;
    const sums = new Array(topics.length + 1).fill(0);
    for (let dot = 0; dot < size; dot++) {
      if (!shown[dot]) continue;
      sums[topicOf[dot]] += shown[dot];
      if (!on[topicOf[dot]]) continue;
      seen++; posts += shown[dot];
      if (isHit && isHit[dot]) hits++;
    }
    $("status").textContent = fill(say.status, { texts: count(seen), posts: count(posts) });
    $("hits").textContent = isHit ? fill(hits ? say.hits : say.no_hits, { n: count(hits) }) : "";
    document.querySelectorAll("#legend b").forEach((field, row) => { field.textContent = count(sums[order[row]]); });
    $("span").textContent = calendar.length ? from === to ? calendar[from] : `${calendar[from]} – ${calendar[to]}` : "";
    listHits();
  }
  function listHits() {
    const list = $("found");
    list.textContent = "";
    if (!isHit || !facts.has_texts) return;
    let listed = 0;
    for (let dot = 0; dot < size && listed < 12; dot++) {
      if (!isHit[dot] || !isSeen(dot)) continue;
      listed++;
      const button = document.createElement("button"), row = document.createElement("li");
      button.type = "button"; button.style.borderLeftColor = colors[topicOf[dot]];
      mark(button, around(dot));
      button.onclick = () => { centre(dot); open(dot, true); };
      row.append(button); list.append(row);
    }
  }
  function around(dot) {
    const first = Math.max(lower[dot].indexOf(query[0]) - 12, 0);
    return (first ? "…" : "") + texts[dot].slice(first, first + 44) + (texts[dot].length > first + 44 ? "…" : "");
  }
  function mark(into, text) {
    const small = text.toLowerCase(), spots = [];
    for (const word of query) for (let i = small.indexOf(word); i >= 0; i = small.indexOf(word, i + word.length)) spots.push([i, i + word.length]);
    spots.sort((one, other) => one[0] - other[0]);
    let done = 0;
    for (const [first, end] of spots) {
      if (first < done) continue;
      const hit = document.createElement("mark");
      hit.textContent = text.slice(first, end);
      into.append(text.slice(done, first), hit); done = end;
    }
    into.append(text.slice(done));
  }
  function open(dot, focus = false) {
    chosen = dot;
    const post = $("post"), list = post.querySelector("dl"), text = post.querySelector(".text");
    post.hidden = false; post.style.borderLeftColor = colors[topicOf[dot]];
    post.querySelector("h2").textContent = label(topicOf[dot]);
    text.textContent = ""; text.hidden = !facts.has_texts;
    mark(text, texts[dot]);
    const known = [];
    for (let i = start[dot]; i < start[dot + 1]; i++) if (days[i]) known.push(days[i] - 1);
    const dates = known.length ? calendar[known[0]] + (known.length > 1 ? ` – ${calendar[known.at(-1)]}` : "") : "";
    let all = 0;
    for (let i = start[dot]; i < start[dot + 1]; i++) all += items[i];
    const facts_of = [[say.confidence, topicOf[dot] ? (sure[dot] / 100).toFixed(2) : ""], [say.dates, dates],
      [say.posts, count(all)], [say.codes, facts.codes[codes[dot]].join(say.comma) || say.no_code]];
    list.textContent = "";
    for (const [name, value] of facts_of) {
      if (!value) continue;
      const term = document.createElement("dt"), told = document.createElement("dd");
      term.textContent = name; told.textContent = value; list.append(term, told);
    }
    canvas.dataset.open = dot;
    if (focus) $("next").focus({ preventScroll: true });
    draw();
  }
  function close() { chosen = -1; $("post").hidden = true; delete canvas.dataset.open; draw(); }

  // Moving.
  function zoomAt(factor, x, y) {
    const zoom = Math.min(60, Math.max(0.6, view.zoom * factor)), before = unit();
    const px = (x - width / 2) / before + view.x, py = (y - height / 2) / before + view.y;
    view.zoom = zoom;
    view.x = px - (x - width / 2) / unit(); view.y = py - (y - height / 2) / unit();
    moved();
  }
  function pan(x, y) { view.x += x / unit(); view.y += y / unit(); moved(); }
  function moved() {
    view.x = Math.min(facts.grid, Math.max(0, view.x)); view.y = Math.min(facts.grid, Math.max(0, view.y));
    turn = []; canvas.dataset.zoom = view.zoom.toFixed(3); canvas.dataset.x = Math.round(view.x); canvas.dataset.y = Math.round(view.y); draw();
  }
  function centre(dot) { view = { x: xs[dot], y: ys[dot], zoom: Math.max(view.zoom, 5) }; moved(); }
  function whole() { view = { x: facts.grid / 2, y: facts.grid / 2, zoom: 1 }; moved(); }
  function nearest(x, y, reach) {
    let best = -1, least = reach * reach;
    for (let dot = 0; dot < size; dot++) {
      if (!isSeen(dot) || (isHit && !isHit[dot])) continue;
      const [px, py] = place(xs[dot], ys[dot]), gap = (px - x) ** 2 + (py - y) ** 2;
      if (gap < least) { least = gap; best = dot; }
    }
    return best;
  }
  function step(by) {
    if (!turn.length) {
      const [x, y] = chosen < 0 ? [view.x, view.y] : [xs[chosen], ys[chosen]];
      for (let dot = 0; dot < size; dot++) if (isSeen(dot) && (!isHit || isHit[dot])) turn.push([(xs[dot] - x) ** 2 + (ys[dot] - y) ** 2, dot]);
      turn = turn.sort((one, other) => one[0] - other[0] || one[1] - other[1]).map(pair => pair[1]);
    }
    if (!turn.length) return;
    const here = turn.indexOf(chosen), dot = turn[here < 0 ? 0 : Math.min(Math.max(here + by, 0), turn.length - 1)], kept = turn;
    const [x, y] = place(xs[dot], ys[dot]);
    if (x < 0 || y < 0 || x > width || y > height) { view.x = xs[dot]; view.y = ys[dot]; moved(); turn = kept; }
    open(dot);
  }

  const held = new Map();
  let gap = 0, travelled = 0;
  const spread = () => { const [one, other] = [...held.values()]; return Math.hypot(one.x - other.x, one.y - other.y); };
  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (held.size === 1) travelled = 0;
    if (held.size === 2) gap = spread();
  });
  canvas.addEventListener("pointermove", event => {
    const before = held.get(event.pointerId), x = event.offsetX, y = event.offsetY;
    if (!before) {
      cancelAnimationFrame(hovered);
      hovered = requestAnimationFrame(() => canvas.classList.toggle("over", nearest(x, y, 8) >= 0));
      return;
    }
    held.set(event.pointerId, { x, y });
    travelled += Math.abs(x - before.x) + Math.abs(y - before.y);
    if (held.size === 2) {
      const [one, other] = [...held.values()], now = spread();
      travelled = 99;
      zoomAt(now / Math.max(gap, 1), (one.x + other.x) / 2, (one.y + other.y) / 2);
      pan((before.x - x) / 2, (before.y - y) / 2);
      gap = now;
    } else if (held.size === 1 && travelled > 4) { canvas.classList.add("held"); pan(before.x - x, before.y - y); }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, event => {
      const known = held.delete(event.pointerId);
      canvas.classList.remove("held");
      if (name === "pointerup" && known && travelled <= 4) {
        const dot = nearest(event.offsetX, event.offsetY, event.pointerType === "touch" ? 22 : 12);
        if (dot >= 0) open(dot); else close();
      }
      if (held.size === 1) gap = 0;
    });
  }
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    const lines = event.deltaMode ? 30 : 1;
    zoomAt(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0018)), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const stride = 60, act = {
      ArrowLeft: () => pan(-stride, 0), ArrowRight: () => pan(stride, 0), ArrowUp: () => pan(0, -stride), ArrowDown: () => pan(0, stride),
      "+": () => zoomAt(1.4, width / 2, height / 2), "=": () => zoomAt(1.4, width / 2, height / 2), "-": () => zoomAt(1 / 1.4, width / 2, height / 2),
      "0": whole, n: () => step(1), p: () => step(-1), Escape: close,
      Enter: () => { const dot = nearest(width / 2, height / 2, 1e9); if (dot >= 0) { turn = []; open(dot); } },
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { event.preventDefault(); act(); }
  });
  canvas.addEventListener("focus", draw); canvas.addEventListener("blur", draw);
  $("in").onclick = () => zoomAt(1.5, width / 2, height / 2); $("out").onclick = () => zoomAt(1 / 1.5, width / 2, height / 2);
  $("whole").onclick = whole; $("next").onclick = () => step(1); $("back").onclick = () => step(-1);
  $("close").onclick = () => { close(); canvas.focus(); };
  $("post").addEventListener("keydown", event => { if (event.key === "Escape") { close(); canvas.focus(); } });

  // Controls.
  function changed(days = true) { if (days) recount(); turn = []; if (chosen >= 0 && !isSeen(chosen)) close(); paintBars(); tell(); draw(); }
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => { search(); changed(false); }, 120); });
  $("search").addEventListener("keydown", event => {
    if (event.key !== "Enter") return;
    clearTimeout(waiting); search(); changed(false);
    const dot = isHit ? isHit.findIndex((hit, dot) => hit && isSeen(dot)) : -1;
    if (dot >= 0) { centre(dot); open(dot); }
  });
  if (!facts.has_texts) $("search").placeholder = say.search_topics;
  for (const name of ["first", "last"]) {
    $(name).max = last; $(name).value = name === "first" ? 0 : last;
    $(name).addEventListener("input", () => {
      let one = +$("first").value, other = +$("last").value;
      if (one > other) { if (name === "first") $("last").value = other = one; else $("first").value = one = other; }
      from = one; to = other;
      for (const [id, day] of [["first", one], ["last", other]]) $(id).setAttribute("aria-valuetext", calendar[day]);
      changed();
    });
    if (calendar.length) $(name).setAttribute("aria-valuetext", calendar[name === "first" ? 0 : last]);
  }
  $("days").hidden = calendar.length < 2;
  const order = [...topics.map((_, number) => number + 1), 0];
  for (const topic of order) {
    const row = document.createElement("label"), box = document.createElement("input"), swatch = document.createElement("i");
    box.type = "checkbox"; box.checked = true; box.dataset.topic = topic;
    box.addEventListener("change", () => { on[topic] = box.checked; changed(false); });
    swatch.style.background = `var(${topic ? `--t${topics[topic - 1].color}` : "--mixed"})`;
    for (const [name, value] of [["pointerenter", topic], ["pointerleave", -1]]) row.addEventListener(name, () => { lit = value; draw(); });
    const name = document.createElement("span");
    name.textContent = label(topic); if (topic) name.title = topics[topic - 1].terms;
    row.append(box, swatch, name, document.createElement("b"));
    $("legend").append(row);
  }
  for (const [id, value] of [["all", true], ["none", false]]) {
    $(id).onclick = () => { on.fill(value); document.querySelectorAll("#legend input").forEach(box => { box.checked = value; }); changed(false); };
  }
  const redraw = () => { readColors(); paintBars(); listHits(); draw(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  $("app").hidden = false;
  readColors(); recount(); moved(); paintBars(); tell();
  new ResizeObserver(redraw).observe(canvas);
})();
