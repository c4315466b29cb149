// Count the cells of a selection and draw them. Without this script the tables below are there.
const openPanel = () => {
  const written = document.getElementById("panel-facts"), panel = document.getElementById("panel");
  if (!written || !panel || !panel.hidden) return;
  const facts = JSON.parse(written.textContent), say = facts.say, isZh = facts.language === "zh";

  // Words and numbers, written as the report writes them.
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
    .replace(/\[(\d[\d,]*) ([^|\]]*)\|([^\]]*)\]/g, (_, n, one, many) => `${n} ${n === "1" ? one : many}`);
  const grouping = new Intl.NumberFormat("en-US");
  const count = (number) => grouping.format(number);
  const share = (part, whole) => {
    const value = whole ? part / whole : 0;
    if (value === 0 || value === 1) return `${value * 100}%`;
    if (value < 0.00005) return "<0.01%";
    return `${(value * 100).toFixed(Math.round(value * 1e4) / 1e4 < 0.1 ? 2 : 1)}%`;
  };
  const make = (name, values = {}, ...inside) => {
    const element = document.createElement(name);
    Object.entries(values).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...inside);
    return element;
  };
  const draw = (name, values = {}, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(values).forEach(([key, value]) => element.setAttribute(key, value));
    if (text) element.textContent = text;
    return element;
  };

  // A browser lays out again what is written to, even where the same stands there already.
  const put = (element, name, value) => { if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value); };
  const write = (element, text) => {
    const node = element.firstChild;
    if (!node || node.nodeType !== Node.TEXT_NODE || node.nextSibling) element.textContent = text;
    else if (node.data !== text) node.data = text;
  };
  const hide = (element, isHidden) => { if (element.hidden !== isHidden) element.hidden = isHidden; };
  const pick = (control, name, value) => { if (control[name] !== value) control[name] = value; };

  // The cells, from a tree of small numbers to one column a dimension.
  const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const worth = new Uint8Array(128);
  [...SIGNS].forEach((sign, n) => { worth[sign.charCodeAt(0)] = n; });
  function unpack(text, depth) {
    const columns = Array.from({ length: depth + 1 }, () => []), path = new Array(depth).fill(0);
    let at = 0;
    const number = () => {
      let value = 0, step = 1;
      for (;;) {
        const sign = worth[text.charCodeAt(at++)];
        value += (sign & 31) * step;
        if (sign < 32) return value;
        step *= 32;
      }
    };
    const read = (level) => {
      if (level === depth) {
        path.forEach((node, n) => columns[n].push(node));
        columns[depth].push(number() + 1);
        return;
      }
      let node = -1;
      const last = level ? number() : Infinity;
      for (let n = 0; n < last && at < text.length; n++) {
        node += number() + 1;
        path[level] = node;
        read(level + 1);
      }
    };
    if (text) read(0);
    return columns.map((column) => Int32Array.from(column));
  }
  const dayOf = facts.dates.map((date) => facts.calendar.indexOf(date));
  const [profiles, named, channels, stars, bands, dated, items] = unpack(facts.negative, 6);
  const [freeChannels, freeStars, freeDates, freeItems] = unpack(facts.others, 3);
  const size = items.length, dayCount = facts.calendar.length;
  const days = dated.map((date) => dayOf[date]);
  const freeDays = freeDates.map((date) => dayOf[date]);
  const noCode = facts.codes.length;  // the place of negative items that no code covers
  const codesOf = facts.profiles.map(([codes]) => codes.length ? codes : [noCode]);
  const subsOf = facts.profiles.map(([, subs]) => subs);
  const SIDES = ["code", "sub", "platform", "channel", "stars", "sentiment"];
  const ids = { code: [...facts.codes, "-"], sub: facts.subs, platform: facts.platforms, channel: facts.channels, stars: facts.stars, sentiment: facts.bands };
  const labels = { ...facts.labels, code: [...facts.labels.code, say.no_code] };

  // The choice: a place in each list, or -1; the first and the last day.
  const none = () => ({ code: -1, sub: -1, platform: -1, channel: -1, stars: -1, sentiment: -1, from: 0, to: Math.max(dayCount - 1, 0), share: false, by: "code" });
  let choice = none(), kept = null;  // and another choice, to compare with
  const isWide = () => choice.from === 0 && choice.to === Math.max(dayCount - 1, 0);
  const inDays = (day) => !dayCount || (day < 0 ? isWide() : day >= choice.from && day <= choice.to);

  // All posts by channel, stars and day, negative or not: what a share is a share of.
  const spans = dayCount + 1, placeOf = (channel, star, day) => (channel * facts.stars.length + star) * spans + day + 1;
  const every = new Float64Array(facts.channels.length * facts.stars.length * spans);
  for (let cell = 0; cell < size; cell++) every[placeOf(channels[cell], stars[cell], days[cell])] += items[cell];
  for (let cell = 0; cell < freeItems.length; cell++) every[placeOf(freeChannels[cell], freeStars[cell], freeDays[cell])] += freeItems[cell];

  // One pass over the cells: what each chart shows is chosen by all the others.
  const CODE = 1, SUB = 2, DAY = 64, BIT = { code: CODE, sub: SUB, platform: 4, channel: 8, stars: 16, sentiment: 32, day: DAY };
  function tally() {
    const sizes = { code: noCode + 1, sub: ids.sub.length, platform: ids.platform.length, channel: ids.channel.length, stars: ids.stars.length, sentiment: ids.sentiment.length, day: dayCount };
    const empty = () => Object.fromEntries(Object.entries(sizes).map(([side, n]) => [side, new Float64Array(n)]));
    const shown = empty(), inside = empty(), base = empty();
    let total = 0, posts = 0;
    const missed = (side, lists) => lists.map((list) => choice[side] < 0 || list.includes(choice[side]) ? 0 : BIT[side]);
    const subMiss = missed("sub", subsOf), profileMiss = missed("code", codesOf).map((bit, n) => bit | subMiss[n]);
    const platformMiss = missed("platform", facts.named);
    const one = (side) => ids[side].map((_, n) => choice[side] < 0 || choice[side] === n ? 0 : BIT[side]);
    const channelMiss = one("channel"), starsMiss = one("stars"), bandMiss = one("sentiment");
    const dayMiss = Uint8Array.from({ length: spans }, (_, n) => inDays(n - 1) ? 0 : DAY);
    // Cells are added up by their sets of kinds and of platforms, and the sets dealt out at the end.
    const sets = (lists) => new Float64Array(lists.length);
    const profileIn = sets(codesOf), codeShown = sets(codesOf), subShown = sets(codesOf), namedIn = sets(facts.named), namedShown = sets(facts.named);
    for (let cell = 0; cell < size; cell++) {
      const profile = profiles[cell], n = items[cell], day = days[cell];
      const miss = profileMiss[profile] | platformMiss[named[cell]] | channelMiss[channels[cell]] | starsMiss[stars[cell]] | bandMiss[bands[cell]] | dayMiss[day + 1];
      if (!miss) {
        total += n;
        profileIn[profile] += n;
        namedIn[named[cell]] += n;
        inside.channel[channels[cell]] += n;
        inside.stars[stars[cell]] += n;
        inside.sentiment[bands[cell]] += n;
        if (day >= 0) inside.day[day] += n;
      }
      if (!(miss & ~(CODE | SUB))) codeShown[profile] += n;
      if (!(miss & ~SUB)) subShown[profile] += n;
      if (!(miss & ~BIT.platform)) namedShown[named[cell]] += n;
      if (!(miss & ~BIT.channel)) shown.channel[channels[cell]] += n;
      if (!(miss & ~BIT.stars)) shown.stars[stars[cell]] += n;
      if (!(miss & ~BIT.sentiment)) shown.sentiment[bands[cell]] += n;
      if (!(miss & ~DAY) && day >= 0) shown.day[day] += n;
    }
    for (let channel = 0, at = 0; channel < channelMiss.length; channel++) for (let star = 0; star < starsMiss.length; star++) for (let day = -1; day < dayCount; day++) {
      const n = every[at++], miss = channelMiss[channel] | starsMiss[star] | dayMiss[day + 1];
      if (!miss) posts += n;
      if (!(miss & ~BIT.channel)) base.channel[channel] += n;
      if (!(miss & ~BIT.stars)) base.stars[star] += n;
      if (!(miss & ~DAY) && day >= 0) base.day[day] += n;
    }
    const deal = (into, lists, sums) => lists.forEach((list, n) => { for (const member of list) into[member] += sums[n]; });
    deal(inside.code, codesOf, profileIn);
    deal(inside.sub, subsOf, profileIn);
    deal(inside.platform, facts.named, namedIn);
    deal(shown.code, codesOf, codeShown);
    deal(shown.sub, subsOf, subShown);
    deal(shown.platform, facts.named, namedShown);
    for (const side of ["code", "sub", "platform", "sentiment"]) base[side].fill(posts);
    return { shown, inside, base, total, posts };
  }

  // The address holds the choice: #x=code=price&from=2020-06-03.
  const SIGN = "#x=";
  function spell() {
    const parts = new URLSearchParams(), plain = none();
    SIDES.forEach((side) => { if (choice[side] >= 0) parts.set(side, ids[side][choice[side]]); });
    if (dayCount && choice.from !== plain.from) parts.set("from", facts.calendar[choice.from]);
    if (dayCount && choice.to !== plain.to) parts.set("to", facts.calendar[choice.to]);
    if (choice.share) parts.set("share", "1");
    if (choice.by !== plain.by) parts.set("by", choice.by);
    return parts.toString();
  }
  const withChoice = (other, act) => {
    const own = choice;
    choice = other;
    try { return act(); } finally { choice = own; }
  };
  function writeAll() {
    const own = spell();
    if (!kept) return own;
    const other = withChoice({ ...kept, share: false, by: none().by }, spell);
    return `${own}${own ? "&" : ""}vs=${encodeURIComponent(other)}`;
  }
  function readAll(text) {
    const other = new URLSearchParams(text).get("vs");
    choice = read(text);
    kept = other === null ? null : read(other);
  }
  function read(text) {
    const parts = new URLSearchParams(text), found = none();
    SIDES.forEach((side) => { found[side] = parts.has(side) ? ids[side].indexOf(parts.get(side)) : -1; });
    for (const end of ["from", "to"]) {
      const day = facts.calendar.indexOf(parts.get(end));
      if (day >= 0) found[end] = day;
    }
    if (found.from > found.to) [found.from, found.to] = [found.to, found.from];
    found.share = parts.get("share") === "1";
    if (tables.includes(parts.get("by"))) found.by = parts.get("by");
    return found;
  }
  function remember() {
    const text = writeAll();
    if ((history.state || {}).panel === text) return;
    history.pushState({ panel: text }, "", text ? SIGN + text : "#explore");
  }

  // Controls.
  const has = (side) => ids[side].length > 1 || (ids[side].length === 1 && !["channel", "stars", "sentiment"].includes(side));
  const sides = SIDES.filter(has);
  const tables = [...(dayCount ? ["day"] : []), ...sides];
  const selects = {};
  const choices = make("fieldset", { class: "choices" }, make("legend", { class: "skip" }, say.choices));
  const option = (value, text) => make("option", { value }, text);
  function addSelect(name, title) {
    const select = make("select", { id: `panel-${name}` });
    selects[name] = select;
    choices.append(make("div", {}, make("label", { for: select.id }, title), select));
    return select;
  }
  sides.forEach((side) => {
    const select = addSelect(side, say[side]);
    select.append(option("", say.any), ...ids[side].map((id, n) => option(n, labels[side][n])));
    select.addEventListener("change", () => choose(side, select.value === "" ? -1 : Number(select.value)));
  });
  if (dayCount > 1) {
    for (const end of ["from", "to"]) {
      const select = addSelect(end, say[end]);
      select.append(...facts.days.map((day, n) => option(n, day)));
      select.addEventListener("change", () => chooseDays(Number(selects.from.value), Number(selects.to.value)));
    }
  }
  const asShare = make("input", { type: "checkbox", id: "panel-share" });
  const button = (title, act) => {
    const element = make("button", { type: "button" }, title);
    element.addEventListener("click", act);
    return element;
  };
  const told = make("span", { role: "status" });
  asShare.addEventListener("change", () => { choice.share = asShare.checked; change(); });
  const actions = make("div", { class: "actions" }, make("label", {}, asShare, say.as_share),
    button(say.reset, () => { choice = { ...none(), share: choice.share, by: choice.by }; kept = null; change(); }),
    button(say.keep, () => { kept = { ...choice }; change(); }),
    button(say.link, copyLink), button(say.download, download), told);
  const sentence = make("p", { class: "found", role: "status", "aria-live": "polite" });
  const beside = make("p", { class: "kept" });

  function choose(side, place) {
    choice[side] = place;
    if (side === "code") choice.sub = -1;
    change();
  }
  function chooseDays(from, to) {
    [choice.from, choice.to] = from <= to ? [from, to] : [to, from];
    change();
  }
  function change() {
    told.replaceChildren();
    show();
    remember();
  }

  // Charts: bars that are buttons. One of a chart is in the order of Tab, arrows go to the others.
  const charts = make("div", { class: "charts" });
  const MOST = 10, ROW = 26;
  function addChart(side, isWideChart) {
    const title = make("h3", { id: `panel-chart-${side}` });
    const svg = draw("svg", { role: "group", "aria-labelledby": title.id });
    const more = ids[side] && side === "platform" && ids[side].length > MOST ? [make("p", {}, fill(say.more, { n: ids[side].length - MOST }))] : [];
    const box = make("div", { class: isWideChart ? "chart wide" : "chart" }, title, svg, ...more);
    charts.append(box);
    return { side, title, svg, box, bars: [], width: 0 };
  }
  function addBar(chart, place, act) {
    const bar = draw("g", { class: "bar", role: "button", tabindex: chart.bars.length ? "-1" : "0", "data-place": place });
    bar.addEventListener("keydown", (event) => {
      const all = chart.bars.map((one) => one.bar), at = all.indexOf(bar);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (event.key === "Enter" || event.key === " ") act(place);
      else if (to === undefined) return;
      else if (all[to]) {
        all.forEach((one) => one.setAttribute("tabindex", "-1"));
        all[to].setAttribute("tabindex", "0");
        all[to].focus();
      }
      event.preventDefault();
    });
    chart.svg.append(bar);
    return bar;
  }
  const whole = tally();
  const inOrder = (side) => ids[side].map((_, n) => n).sort((a, b) => whole.shown[side][b] - whole.shown[side][a] || a - b);
  const ordered = { code: inOrder("code"), platform: inOrder("platform"), channel: inOrder("channel") };
  function placesOf(side) {
    if (side === "sub") return ids.sub.map((_, n) => n).filter((n) => choice.code >= 0 && ids.sub[n].startsWith(`${ids.code[choice.code]}.`));
    return ordered[side] ? ordered[side].slice(0, side === "platform" ? MOST : undefined) : ids[side].map((_, n) => n);
  }
  const dayChart = dayCount > 1 ? addChart("day", true) : null;
  const barCharts = sides.map((side) => addChart(side, false));

  function layRows(chart, places, width) {
    const key = `${width}:${places}`;
    if (chart.key === key) return [];
    chart.key = key;
    chart.width = width;
    chart.bars = [];
    chart.svg.replaceChildren();
    chart.svg.setAttribute("height", places.length * ROW);
    const left = Math.round(Math.min(width * 0.48, isZh ? 143 : 205)), right = 58, laid = [];
    places.forEach((place, row) => {
      const act = (n) => choose(chart.side, choice[chart.side] === n ? -1 : n);
      const bar = addBar(chart, place, act), y = row * ROW;
      const label = draw("text", { x: 2, y: y + 18 }, labels[chart.side][place]);
      const rect = draw("rect", { class: "fill", x: left, y: y + 6, height: ROW - 12, width: 0 });
      const value = draw("text", { y: y + 18 }), tick = draw("rect", { class: "tick", y: y + 3, width: 3, height: ROW - 6 });
      bar.append(draw("title", {}, labels[chart.side][place]), draw("rect", { class: "hit", x: 0.5, y: y + 1, width: width - 1, height: ROW - 2, rx: 3 }), label, rect, value, tick);
      bar.addEventListener("click", () => act(place));
      chart.bars.push({ bar, place, rect, value, tick, left, room: width - left - right });
      const key = `${chart.side}:${place}:${left}`, known = cuts.get(key);
      if (known === undefined) laid.push({ label, key, text: label.textContent, room: left - 8 });
      else label.textContent = known;
    });
    return laid;
  }
  // All are measured before any is cut: a browser lays the page out again after each change. Each is cut once for a width.
  const cuts = new Map();
  function shorten(labels) {
    let long = labels;
    for (let cut = 1; long.length; cut++) {
      long = long.map((one) => [one, one.label.getComputedTextLength() > one.room && one.text.length > cut]).filter(([, isLong]) => isLong).map(([one]) => one);
      long.forEach(({ label, text }) => { label.textContent = `${text.slice(0, text.length - cut)}…`; });
    }
    labels.forEach(({ label, key }) => cuts.set(key, label.textContent));
  }
  const sizeOf = (tallied, side, n) => choice.share ? tallied.shown[side][n] / (tallied.base[side][n] || 1) : tallied.shown[side][n];
  function fillRows(chart, found, other) {
    const side = chart.side, value = (n) => sizeOf(found, side, n);
    const both = other ? [found, other] : [found];
    const most = Math.max(...both.flatMap((one) => chart.bars.map(({ place }) => sizeOf(one, side, place))), choice.share ? 1e-9 : 1);
    for (const { bar, place, rect, value: text, left, room, tick } of chart.bars) {
      put(tick, "visibility", other ? "visible" : "hidden");
      const mark = other ? sizeOf(other, side, place) / most * room : 0;
      put(tick, "x", left + mark - 1.5);
      const wide = Math.max(value(place) / most * room, value(place) ? 1 : 0);
      const shown = choice.share ? share(found.shown[side][place], found.base[side][place]) : count(found.shown[side][place]);
      put(rect, "width", wide);
      put(text, "x", left + Math.max(wide, mark) + 6);
      write(text, shown);
      put(bar, "aria-label", fill(say.bar, { name: labels[side][place], value: shown }));
      put(bar, "aria-pressed", choice[side] === place);
      bar.classList.toggle("faded", choice[side] >= 0 && choice[side] !== place);
    }
  }
  const HIGH = 150, FOOT = 22, HEAD = 16;
  function layDays(chart, width) {
    if (chart.width === width) return;
    chart.width = width;
    chart.bars = [];
    chart.svg.replaceChildren();
    chart.svg.setAttribute("height", HIGH + HEAD + FOOT);
    chart.top = draw("text", { class: "axis", x: 0, y: 11 });
    chart.svg.append(draw("line", { class: "line", x1: 0, x2: width, y1: HEAD, y2: HEAD }), draw("line", { class: "line", x1: 0, x2: width, y1: HEAD + HIGH, y2: HEAD + HIGH }), chart.top);
    const step = width / dayCount, act = (n) => isOnly(n) ? chooseDays(0, dayCount - 1) : chooseDays(n, n);
    facts.calendar.forEach((_, place) => {
      const bar = addBar(chart, place, act), x = place * step;
      const rect = draw("rect", { class: "fill", x: x + step * 0.12, width: step * 0.76, y: HEAD + HIGH, height: 0 });
      const title = draw("title");
      bar.append(draw("rect", { class: "hit", x, y: HEAD, width: step, height: HIGH + 1 }), rect, title);
      chart.bars.push({ bar, place, rect, title });
    });
    chart.curve = draw("polyline", { class: "curve", fill: "none", "pointer-events": "none" });
    chart.svg.append(chart.curve);
    const widest = Math.max(...facts.ticks.map((tick) => tick.length)) * (isZh ? 10 : 7.5) + 14;
    const apart = Math.ceil(dayCount / Math.max(Math.floor(width / widest), 1));
    for (let place = 0; place < dayCount; place += apart) {
      const x = (place + 0.5) * step, anchor = place === 0 ? "start" : x > width - widest / 2 ? "end" : "middle";
      chart.svg.append(draw("text", { class: "axis", x: place === 0 ? 0 : Math.min(x, width), y: HEAD + HIGH + 16, "text-anchor": anchor }, facts.ticks[place]));
    }
    dragDays(chart, step, act);
  }
  const isOnly = (day) => choice.from === day && choice.to === day && dayCount > 1;
  function dragDays(chart, step, act) {
    let start = -1, end = -1;
    const at = (event) => Math.min(Math.max(Math.floor((event.clientX - chart.svg.getBoundingClientRect().left) / step), 0), dayCount - 1);
    const mark = () => chart.bars.forEach(({ bar, place }) => bar.classList.toggle("marked", start >= 0 && place >= Math.min(start, end) && place <= Math.max(start, end)));
    chart.svg.onpointerdown = (event) => { start = end = at(event); chart.svg.setPointerCapture(event.pointerId); mark(); };
    chart.svg.onpointermove = (event) => { if (start >= 0) { end = at(event); mark(); } };
    chart.svg.onpointercancel = () => { start = -1; mark(); };
    chart.svg.onpointerup = () => {
      const [one, other] = [start, end];
      start = -1;
      mark();
      if (one === other) act(one); else if (one >= 0) chooseDays(one, other);
    };
  }
  function fillDays(chart, found, other) {
    const values = chart.bars.map(({ place }) => sizeOf(found, "day", place));
    const others = other ? chart.bars.map(({ place }) => sizeOf(other, "day", place)) : [];
    const most = Math.max(...values, ...others, choice.share ? 1e-9 : 1), step = chart.width / dayCount;
    put(chart.curve, "points", others.map((size, n) => `${(n + 0.5) * step},${HEAD + HIGH - size / most * (HIGH - 2)}`).join(" "));
    write(chart.top, choice.share ? share(most, 1) : count(most));
    for (const { bar, place, rect, title } of chart.bars) {
      const high = values[place] / most * (HIGH - 2), isIn = inDays(place);
      put(rect, "y", HEAD + HIGH - high);
      put(rect, "height", high);
      const shown = choice.share ? share(found.shown.day[place], found.base.day[place]) : count(found.shown.day[place]);
      const text = fill(say.bar, { name: facts.days[place], value: shown });
      put(bar, "aria-label", text);
      write(title, text);
      put(bar, "aria-pressed", !isWide() && isIn);
      bar.classList.toggle("faded", !isIn);
    }
  }

  // The table of the choice.
  const by = make("select", { id: "panel-by" });
  by.append(...tables.map((side) => option(side, say[`by_${side}`])));
  by.addEventListener("change", () => { choice.by = by.value; change(); });
  const caption = make("caption"), head = make("tr"), body = make("tbody");
  const table = make("table", {}, caption, make("thead", {}, head), body);
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "group" }, table);
  function fillTable(found, other) {
    const side = choice.by, names = side === "day" ? facts.days : labels[side];
    const places = names.map((_, n) => n).filter((n) => found.inside[side][n] > 0 || (other && other.inside[side][n] > 0));
    if (ordered[side] || side === "sub") places.sort((a, b) => found.inside[side][b] - found.inside[side][a] || a - b);
    write(caption, fill(say.table, { by: say[`by_${side}`] }));
    put(scroll, "aria-label", caption.textContent);
    const isOwn = ["day", "channel", "stars"].includes(side);  // else the posts are the same in each row
    const titles = [say.items, ...(isOwn ? [say.posts] : []), say.share, ...(other ? [say.kept_items, say.kept_share] : [])];
    const cells = (tallied, n) => [count(tallied.inside[side][n]), ...(isOwn && tallied === found ? [count(tallied.base[side][n])] : []), share(tallied.inside[side][n], tallied.base[side][n])];
    layTable(places.length, titles.length);
    [say[side], ...titles].forEach((title, n) => write(head.cells[n], title));
    places.forEach((n, row) => {
      const told = [names[n], ...cells(found, n), ...(other ? cells(other, n) : [])];
      told.forEach((text, column) => write(body.rows[row].cells[column], text));
    });
  }
  // Rows and columns stay where they are, and get others' texts.
  function layTable(rows, columns) {
    if (head.cells.length !== columns + 1) {
      head.replaceChildren(make("th", { scope: "col" }), ...Array.from({ length: columns }, () => make("th", { scope: "col", class: "n" })));
      body.replaceChildren();
    }
    while (body.rows.length > rows) body.lastElementChild.remove();
    while (body.rows.length < rows) body.append(make("tr", {}, make("th", { scope: "row" }), ...Array.from({ length: columns }, () => make("td", { class: "n" }))));
  }

  // The choice in a sentence.
  function tellDays() {
    if (!dayCount) return say.whole;
    const [from, to] = [facts.days[choice.from], facts.days[choice.to]];
    if (from === to) return from;
    let [first, last] = [from, to];
    if (facts.period === "day") {  // a month that both share is said once
      const month = isZh ? from.match(/^.*月/)[0] : from.slice(from.indexOf(" "));
      if (isZh && to.startsWith(month)) last = to.slice(month.length);
      if (!isZh && to.endsWith(month)) first = from.slice(0, -month.length);
    }
    return fill(say.range, { from: first, to: last });
  }
  function tell(found) {
    const name = (side) => labels[side][choice[side]];
    const marks = [["channel", say.in_channel], ["platform", say.naming], ["stars", say.with_stars], ["sentiment", say.with_sentiment]]
      .filter(([side]) => choice[side] >= 0).map(([side, text]) => fill(text, { name: name(side) }));
    let code = choice.code < 0 ? say.negative : name("code");
    if (choice.sub >= 0) code = choice.code < 0 ? name("sub") : fill(say.sub_of, { code, sub: name("sub") });
    const what = marks.length ? fill(say.what, { code, marks: marks.join(say.marks) }) : code;
    const base = choice.channel >= 0 ? choice.stars >= 0 ? say.base_both : say.base_channel : choice.stars >= 0 ? say.base_stars : say.base_all;
    return fill(say.sentence, { days: tellDays(), what, n: count(found.total), base, share: share(found.total, found.posts) });
  }

  function show(found = tally()) {
    const other = kept && withChoice(kept, tally);
    sides.forEach((side) => {
      pick(selects[side], "value", choice[side] < 0 ? "" : String(choice[side]));
      selects[side].classList.toggle("chosen", choice[side] >= 0);
    });
    if (selects.sub) [...selects.sub.options].forEach((one, n) => hide(one, n > 0 && choice.code >= 0 && !ids.sub[n - 1].startsWith(`${ids.code[choice.code]}.`)));
    if (selects.from) ["from", "to"].forEach((end) => pick(selects[end], "value", String(choice[end])));
    pick(asShare, "checked", choice.share);
    pick(by, "value", choice.by);
    const text = choice.share ? say.chart_share : say.chart_items;
    const placed = barCharts.map((chart) => ({ chart, places: placesOf(chart.side) }));
    measure(placed);
    if (dayChart) {
      layDays(dayChart, dayChart.room);
      fillDays(dayChart, found, other);
    }
    shorten(placed.flatMap(({ chart, places }) => layRows(chart, places, chart.room)));
    barCharts.forEach((chart) => fillRows(chart, found, other));
    [dayChart, ...barCharts].filter(Boolean).forEach((chart) => write(chart.title, fill(text, { by: say[`by_${chart.side}`] })));
    fillTable(found, other);
    write(sentence, tell(found));
    hide(beside, !other);
    if (other) write(beside, fill(say.kept, { sentence: withChoice(kept, () => tell(other)) }));
  }
  // To ask for a width makes a browser lay the page out: only where it may be another one.
  let measured = "", drawnAt = 0;  // for which charts and at which width
  function measure(placed) {
    const key = `${placed.map(({ places }) => places.length > 0)}:${drawnAt}`;
    if (key === measured) return;
    measured = key;
    placed.forEach(({ chart, places }) => hide(chart.box, !places.length));
    [dayChart, ...barCharts].filter(Boolean).forEach((chart) => { chart.room = chart.box.clientWidth || 320; });
  }

  // What goes out: a link and the cells of the choice.
  async function copyLink() {
    const text = writeAll(), address = location.href.split("#")[0] + (text ? SIGN + text : "#explore");
    try {
      await navigator.clipboard.writeText(address);
      told.replaceChildren(say.copied);
    } catch {
      const field = make("input", { readonly: "", "aria-label": say.copy_this });
      field.value = address;
      told.replaceChildren(field);
      field.select();
    }
  }
  const guard = (text) => (/^[=+\-@\t\r\0＝＋－＠]/.test(text) ? `'${text}` : text);
  const quote = (text) => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  function listCells() {
    const rows = ["date,grievances,sub_grievances,platforms,channel,stars,sentiment,items".split(",")];
    const isIn = (list, place) => place < 0 || list.includes(place);
    for (let cell = 0; cell < size; cell++) {
      const [codes, subs] = facts.profiles[profiles[cell]], names = facts.named[named[cell]];
      const alone = (side, place) => choice[side] < 0 || choice[side] === place;
      if (!isIn(codesOf[profiles[cell]], choice.code) || !isIn(subs, choice.sub) || !isIn(names, choice.platform) || !inDays(days[cell])
        || !alone("channel", channels[cell]) || !alone("stars", stars[cell]) || !alone("sentiment", bands[cell])) continue;
      const joined = (list, known) => list.map((n) => known[n]).join(";");
      rows.push([facts.dates[dated[cell]], joined(codes, facts.codes), joined(subs, facts.subs), joined(names, facts.platforms), facts.channels[channels[cell]], facts.stars[stars[cell]], facts.bands[bands[cell]], String(items[cell])]);
    }
    return rows.map((row) => row.map((text) => quote(guard(text))).join(",")).join("\n") + "\n";
  }
  function download() {
    const address = URL.createObjectURL(new Blob(["\ufeff", listCells()], { type: "text/csv" }));
    const link = make("a", { href: address, download: `${facts.study}-explore.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  panel.append(choices, actions, sentence, beside, make("p", { class: "how" }, say.how), charts, make("div", { class: "by" }, make("label", { for: by.id }, say.table_by), by), scroll);
  panel.hidden = false;
  document.getElementById("panel-plain").hidden = true;
  const isOurs = () => location.hash.startsWith(SIGN);
  const open = () => document.getElementById("explore").scrollIntoView({ behavior: "instant" });
  drawnAt = charts.clientWidth;  // an observer reports once at its beginning, too
  if (isOurs()) readAll(location.hash.slice(SIGN.length));
  history.replaceState({ ...history.state, panel: writeAll() }, "");
  show(isOurs() ? undefined : whole);
  if (isOurs()) open();
  // Labels that were measured in another font than they will have are measured again.
  if (document.fonts && document.fonts.status === "loading") document.fonts.ready.then(() => {
    cuts.clear();
    barCharts.forEach((chart) => { chart.key = ""; });
    show();
  });
  addEventListener("popstate", (event) => {
    const known = event.state && typeof event.state.panel === "string";
    if (!known && !isOurs()) return;  // a link to another place of the page: the choice stays
    readAll(known ? event.state.panel : location.hash.slice(SIGN.length));
    if (!known) { history.replaceState({ panel: writeAll() }, ""); open(); }
    show();
  });
  new ResizeObserver(() => {
    if (charts.clientWidth === drawnAt) return;
    drawnAt = charts.clientWidth;
    show();
  }).observe(charts);
};
// The page is read first, and counts when the browser has time; an address that holds a choice is one to wait for.
if (location.hash.startsWith("#x=")) openPanel();
else if (window.requestIdleCallback) requestIdleCallback(openPanel, { timeout: 1500 });
else setTimeout(openPanel, 200);
addEventListener("beforeprint", openPanel);
