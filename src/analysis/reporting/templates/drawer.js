// Open what stands behind a number. Without this script its evidence id still names the cell.
(() => {
  const drawer = document.getElementById("drawer"), block = document.getElementById("drawer-data");
  if (!drawer || !block || !drawer.showModal || block.textContent.trim().length < 3) return;
  const { say, labels, tables, posts: allPosts, examples, audited, simulated, series } = JSON.parse(block.textContent);
  const body = document.getElementById("drawer-body"), title = document.getElementById("drawer-title");
  const WANTED = "[data-estimate], data[data-evidence], span[data-evidence]";
  let last = null;

  // Texts: filled, and agreeing with a number. What is hidden in one was shown when it was written.
  const fill = (key, values = {}) => say[key]
    .replace(/\{(\w+):([^{}|]*)\|([^{}|]*)\}/g, (_, name, one, more) => (String(values[name]) === "1" ? one : more))
    .replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");
  const own = (known, key) => (known && Object.hasOwn(known, key) ? known[key] : undefined);  // a platform may be called constructor
  const make = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // Numbers, written as the page writes them; halves go to the even neighbour, as in Python.
  const round = (value, digits = 0) => {
    const scaled = value * 10 ** digits, floor = Math.floor(scaled);
    const tie = scaled - floor === 0.5 && digits === 0;
    return tie ? floor + (floor % 2) : +value.toFixed(digits);
  };
  const groupings = [0, 1, 2].map((digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const grouped = (value, digits = 0) => groupings[digits].format(round(value, digits));
  const multiple = (change) => {
    const times = change + 1;
    return `×${grouped(times, times < 1 ? 2 : times < 100 ? 1 : 0)}`;
  };
  const WRITE = {
    count: (value) => grouped(value),
    decimal: (value) => grouped(value, 2),
    share: (value) => (value === 0 || value === 1 ? `${value * 100}%` : value < 0.00005 ? "<0.01%" : `${grouped(value * 100, Math.round(value * 1e4) / 1e4 < 0.1 ? 2 : 1)}%`),
    change: (value) => {
      if (value + 1 >= 10) return multiple(value);
      const whole = grouped(Math.abs(value * 100));
      return `${whole === "0" ? "" : value < 0 ? "−" : "+"}${whole}%`;
    },
  };
  const writeRange = (low, high, kind) => {
    const write = kind === "change" && high + 1 >= 10 ? multiple : WRITE[kind];
    return fill("range", { low: write(low), high: write(high) });
  };

  // Evidence ids: table, key of the row, column, each made safe for an address.
  const partsOf = (id) => id.split("/").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
  const same = (one, other) => partsOf(one).join("\0") === partsOf(other).join("\0");
  const byKey = new Map();
  const rowsOf = (name, table) => {
    if (!byKey.has(name)) {
      const places = table.keys.map((key) => table.columns.indexOf(key)), rows = new Map();
      for (const row of [...table.rows].reverse()) rows.set(JSON.stringify(places.map((place) => row[place])), row);
      byKey.set(name, rows);
    }
    return byKey.get(name);
  };
  const cellOf = (id) => {
    const parts = partsOf(id), name = parts[0], column = parts[parts.length - 1], table = own(tables, name);
    if (!table) return null;
    const row = rowsOf(name, table).get(JSON.stringify(parts.slice(1, -1)));
    if (!row) return null;
    const get = (wanted) => row[table.columns.indexOf(wanted)] ?? null;
    const spell = (wanted) => own(own(labels, wanted), get(wanted)) ?? get(wanted);
    return { id, name, column, table, get, spell, row: table.names.map(spell).join(" · ") };
  };
  const idOf = (element) => element.dataset.estimate ?? element.dataset.evidence;
  const overOf = (element) => element.dataset.over ?? "";
  const openers = () => [...document.querySelectorAll(WANTED)].filter((one) => one.classList.contains("opens"));
  const written = (id) => {
    const found = [...document.querySelectorAll("data[data-evidence]")].find((one) => !one.dataset.over && same(one.dataset.evidence, id));
    return found ? found.textContent : null;
  };
  const writtenCell = (cell) => {
    const value = cell.get(cell.column);
    return written(cell.id) ?? (value === null ? "–" : typeof value === "number" ? WRITE.count(value) : String(value));
  };

  // What stands in the drawer, part by part; a part with nothing to say is left out.
  const part = (key, ...inner) => (inner.filter(Boolean).length ? [make("h3", say[key]), ...inner.filter(Boolean)] : []);
  const small = (text) => make("p", text, "small");
  const quoteOf = (word) => JSON.stringify(String(word));
  const filterOf = ({ name, column, get, spell }) => { // in words, and as the tables are filtered
    const found = [], told = [], code = get("grievance");
    const take = (key, written, value) => { found.push(written); told.push(fill(`filter_${key}`, { name: value })); };
    const isNegative = !(code === "all" || (["channels", "ratings"].includes(name) && column === "items"));
    const one = { counts: "grievance", trends: "grievance", audit: "grievance", daily: "grievance", weekly: "grievance", monthly: "grievance", breaks: "grievance", sub_grievances: "sub_grievance", platforms: "platform", watchlist: "platform", platform_sub_grievances: "both", channels: "channel", ratings: "stars" }[name];
    if (!one || column.startsWith("sentence") || column === "published" || column === "exposure") return null;
    if (isNegative) take("negative", "is_negative");
    if (one === "grievance" && code !== "all" && code !== "negative") take("kind", `${quoteOf(code)} in grievances`, spell("grievance"));
    if (one === "platform" || one === "both") take("platform", `${quoteOf(get("platform"))} in platforms`, spell("platform"));
    if (one === "sub_grievance" || one === "both") take("sub", `${quoteOf(get("sub_grievance"))} in sub_grievances`, spell("sub_grievance"));
    if (one === "channel" || one === "stars") take(one, `${one} == ${quoteOf(get(one))}`, spell(one));
    if (get("date") && name !== "coverage") take("day", `${{ weekly: "week", monthly: "month" }[name === "breaks" ? series : name] ?? "date"} == ${quoteOf(get("date"))}`, spell("date"));
    return found.length ? { told: told.join(say.filter_and), written: found.join(" and ") } : null;
  };
  const shareOf = (cell) => { // a printed share of counts: the two counts that it follows from
    if (cell.column !== "share" || !["counts", "channels", "ratings"].includes(cell.name)) return null;
    const sibling = (key, column) => cellOf([cell.name, key, column].map(encodeURIComponent).join("/"));
    const key = cell.get(cell.table.keys[0]);
    if (cell.name !== "counts") return { part: sibling(key, "negative_items"), whole: sibling(key, "items") };
    return { part: sibling(key, "items"), whole: sibling(key === "negative" ? "all" : "negative", "items") };
  };
  const calculation = (cell, given) => {
    const division = given ?? shareOf(cell);
    const inner = [], filter = filterOf(cell);
    if (division?.part && division.whole) {
      const [part, whole] = [division.part, division.whole].map((one) => fill("of_cell", { name: one.row, column: one.table.heads[one.column] ?? one.column, value: writtenCell(one) }));
      inner.push(make("p", fill("division", { part, whole })));
    }
    if (filter) {
      const line = small("");
      line.append(make("code", filter.written));
      inner.push(make("p", fill("filter", { what: filter.told })), line);
    }
    if (cell.table.rules.length) {
      const rules = make("details");
      rules.append(make("summary", say.rule), ...cell.table.rules.map(small));
      inner.push(rules);
    }
    return inner;
  };
  const COUNTED = ["counts", "sub_grievances", "platforms", "audit"];
  const isCorrected = ({ get }) => ["estimate", "low", "high"].every((name) => get(name) !== null);
  // A best number that no audit corrected is the coder's own count, and is told as such.
  const OWN = { best: "items", share_best: "share" };
  const meantBy = (cell) => (isCorrected(cell) ? cell.column : OWN[cell.column] ?? cell.column);
  const ruleOf = (cell) => {
    const { name, column, get } = cell;
    const own = ["items", "share", "families", "authors"];
    if (!COUNTED.includes(name) || get("grievance") === "all" || ![...own, "best", "share_best", "estimate", "low", "high"].includes(column)) return "";
    if (!isCorrected(cell) || column === "families" || column === "authors") return say.is_own;
    if (own.includes(column)) return say.beside;
    return get("estimate") < 0.01 * allPosts && column !== "estimate" ? say.is_rare : say.is_corrected;
  };
  // The numbers that an interval of their row is the interval of.
  const SPANNED = ["best", "share_best", "estimate", "growth", "ratio", "rate", "negative", "low", "high"];
  const intervalOf = (cell, division) => {
    const { name, column, get, table } = cell, [low, high] = [get("low"), get("high")];
    if (division?.whole?.id === "counts/all/items") { // a known whole: both ends over it
      const all = division.whole.get("items");
      return [make("p", writeRange(low / all, high / all, "share")), small(say.covers)];
    }
    if (division || column === "share") return name === "campaigns" && low !== null ? [make("p", writeRange(low, high, "share")), small(say.covers)] : [];
    if (!SPANNED.includes(column) && !(column === "items" && COUNTED.includes(name))) return [];
    if (low === null || high === null) return COUNTED.includes(name) && !audited && get("grievance") !== "all" ? [small(say.covers_nothing)] : [];
    const [one, other] = ["low", "high"].map((end) => written(partsOf(cell.id).slice(0, -1).concat(end).map(encodeURIComponent).join("/")));
    const range = one && other ? fill("range", { low: one, high: other }) : writeRange(low, high, table.range);
    return [make("p", range), small(["trends", "event_days", "sentiment_days"].includes(name) ? say.covers_trend : say.covers)];
  };
  const bothCounts = ({ name, column, get }, division) => {
    if (!COUNTED.includes(name) || get("items") === null || get("estimate") === null) return null;
    const list = make("dl"), isOfShare = division || column === "share";
    for (const [key, source] of [["own", "items"], ["corrected", "estimate"], ["published", "published"]]) {
      if (get(source) !== null) list.append(make("dt", say[key === "published" && simulated ? "published_whole" : key]), make("dd", WRITE.count(get(source))));
      if (key === "corrected" && isOfShare && get("low") !== null) list.append(make("dt", say.interval), make("dd", writeRange(get("low"), get("high"), "count")));
    }
    return list;
  };
  const auditOf = (cell) => {
    const code = cell.name === "platforms" ? "negative" : cell.get("grievance");
    if (![...COUNTED, "shared_errors"].includes(cell.name) || !code || !tables.audit) return [];
    if (cell.name !== "shared_errors" && cell.get("estimate") === null) return [];
    const found = cellOf(`audit/${encodeURIComponent(code)}/audited`);
    if (!found || found.get("audited") === null) return [];
    const { get } = found, number = (name) => (get(name) === null ? "–" : WRITE.count(get(name)));
    const lines = [make("p", fill("audited", { audited: number("audited"), twice: number("coded_twice"), disputes: number("disputes"), open: number("open") }))];
    if (get("alpha") !== null) {
      const [alpha, low, high] = ["alpha", "alpha_low", "alpha_high"].map((name) => (get(name) === null ? "–" : WRITE.decimal(get(name))));
      lines.push(make("p", fill("agreement", { alpha, low, high })));
    }
    if (["sub_grievances", "platforms"].includes(cell.name)) lines.push(small(fill("whole_code", { name: found.row })));
    if (get("coders") === 0) lines.push(small(say.simulated_coders));
    return lines;
  };
  const sentenceOf = (cell) => {
    const language = document.documentElement.lang.slice(0, 2);
    const trend = cell.name === "trends" ? cell : null;
    const told = trend?.get(`sentence_${language}`);
    return told && !cell.column.startsWith("sentence") ? make("p", told) : null;
  };
  const claimOf = (cell) => {
    const told = cell.name === "claims" ? cell.get("statement_en") ?? cell.get("statement") : null;
    return told && !cell.column.startsWith("statement") ? make("p", told) : null;
  };
  const reasonOf = (cell) => {
    const told = cell.name === "claims" ? cell.get("reason_en") ?? cell.get("reason") : null;
    return told && !cell.column.startsWith("reason") ? make("p", told) : null;
  };
  const tagsOf = ({ name, column, get }) => {
    const tag = (key) => `${key}:${get(key)}`;
    switch (name) {
      case "counts": case "audit": case "event_days": case "trends": return [tag("grievance")];
      case "daily": case "weekly": case "monthly": case "breaks": return [tag("grievance"), tag("date")];
      case "sub_grievances": return [tag("sub_grievance")];
      case "platforms": case "watchlist": return [tag("platform")];
      case "platform_sub_grievances": return [tag("platform"), tag("sub_grievance")];
      case "channels": return column === "items" ? [tag("channel")] : [tag("channel"), "grievance:negative"];
      case "ratings": return column === "items" ? [tag("stars")] : [tag("stars"), "grievance:negative"];
      default: return null;
    }
  };
  const spellTag = (tag) => {
    const [column, ...rest] = tag.split(":"), value = rest.join(":");
    return own(own(labels, column), value) ?? value;
  };
  const examplesOf = (cell) => {
    const wanted = tagsOf(cell);
    if (!wanted || ["published", "exposure"].includes(cell.column)) return [];
    if (!examples) return [small(say.no_examples)];
    const places = wanted.map((tag) => examples.tags.indexOf(tag));
    const found = examples.posts.filter(([, , ...tags]) => places.every((place) => tags.includes(place))).slice(0, 20);
    if (!found.length) return [small(say.none_here)];
    return [small(fill("examples_n", { n: found.length })), small(simulated ? say.examples_simulated : say.examples_masked), listPosts(found)];
  };

  // A word is looked for in all the posts that the page quotes.
  const listPosts = (found, word = "") => {
    const list = make("ul", undefined, "posts");
    for (const [text, day, ...tags] of found) {
      const item = make("li"), names = tags.map((place) => examples.tags[place]), line = make("span");
      const told = names.filter((tag) => /^(channel|grievance|stars):/.test(tag) && !/^(grievance:(all|negative)|stars:none)$/.test(tag)).map(spellTag);
      const at = word ? text.toLowerCase().indexOf(word) : -1;
      if (at < 0) line.textContent = text;
      else line.append(text.slice(0, at), make("mark", text.slice(at, at + word.length)), text.slice(at + word.length));
      item.append(line, make("small", [day, ...told].filter(Boolean).join(" · ")));
      list.append(item);
    }
    return list;
  };
  const offerSearch = (place) => {
    const label = make("label", say.search), input = make("input"), status = make("span"), tools = make("p", undefined, "tools"), found = make("div");
    input.type = "search";
    input.id = "post-search";
    label.htmlFor = input.id;
    status.setAttribute("role", "status");
    tools.append(label, input, status);
    input.addEventListener("input", () => {
      const word = input.value.trim().toLowerCase();
      const hits = word ? examples.posts.filter(([text]) => text.toLowerCase().includes(word)) : [];
      status.textContent = word ? fill("hits", { n: hits.length }) : "";
      found.replaceChildren(...(hits.length ? [listPosts(hits.slice(0, 20), word)] : []));
    });
    const box = make("div", undefined, "post-search");
    box.append(make("h3", say.search_title), make("p", fill("search_note", { n: examples.posts.length })), make("p", simulated ? say.examples_simulated : say.examples_masked, "note"), tools, found);
    place.append(box);
  };

  // The table behind a number as CSV, safe to open in a spreadsheet.
  const guard = (value) => {
    if (typeof value !== "string") return String(value ?? "");
    const shown = /^[=+\-@\t\r\0＝＋－＠]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  const save = (name) => {
    const { columns, rows } = tables[name], lines = [columns, ...rows].map((row) => row.map(guard).join(","));
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([`\ufeff${lines.join("\n")}\n`], { type: "text/csv" }));
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const dataOf = (cell, address) => {
    const acts = make("div", undefined, "acts"), csv = make("button", fill("csv", { name: cell.name }));
    csv.type = "button";
    csv.addEventListener("click", () => save(cell.name));
    acts.append(csv);
    const link = make("a", say.copy, "button");
    link.href = location.href.split("#")[0] + address;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const byHand = () => { link.replaceWith(make("code", link.href)); };
      if (!navigator.clipboard) { byHand(); return; }
      navigator.clipboard.writeText(link.href).then(() => { link.textContent = say.copied; }, byHand);
    });
    acts.append(link);
    const id = make("p", `${say.id} `, "small");
    id.append(make("code", partsOf(cell.id).join("/")));
    return [acts, id];
  };

  const unitOf = (cell, text) => {
    const unit = cell.table.units[cell.column];
    return unit && /\d/.test(text) ? fill(`unit.${unit}`, { n: text }) : text;
  };
  const render = (cell, division, text, isSentence, address) => {
    const meant = meantBy(cell), head = cell.column === "best" && meant === "items" ? say.own : cell.table.heads[meant];
    title.textContent = [cell.row, head].filter(Boolean).join(" · ");
    const number = make("p", isSentence ? text : unitOf(cell, text), isSentence ? "number sentence" : "number");
    const rule = ruleOf(cell), about = cell.table.about[`${meant}/${cell.get("grievance")}`] ?? cell.table.about[meant];
    body.replaceChildren(
      number,
      ...part("what", about && make("p", about), rule && make("p", rule)),
      ...part("claim", claimOf(cell)),
      ...part("interval", ...intervalOf(cell, division)),
      ...part("two", bothCounts(cell, division)),
      ...part("how", ...calculation(cell, division)),
      ...part("test", sentenceOf(cell)),
      ...part("reason", reasonOf(cell)),
      ...part("audit", ...auditOf(cell)),
      ...part("data", ...dataOf(cell, address)),
      ...part("examples", ...examplesOf(cell)),
    );
  };

  // Opening, closing and the address.
  const addressOf = (id, over) => `#n=${id}${over ? `&of=${over}` : ""}`;
  const asked = () => /^#n=([^&]+)(?:&of=(.+))?$/.exec(location.hash);
  const open = (element, isFromAddress = false) => {
    const cell = cellOf(idOf(element));
    if (!cell) return false;
    const inner = element.matches("[data-over]") ? element : element.querySelector("[data-over]");
    const division = inner && { part: cellOf(inner.dataset.evidence), whole: cellOf(inner.dataset.over) };
    const isSentence = element.tagName === "SPAN" && !element.dataset.estimate;
    const address = addressOf(idOf(element), element.dataset.estimate ? "" : overOf(element));
    render(cell, division, element.textContent.trim(), isSentence, address);
    last?.classList.remove("is-open");
    last = element;
    element.classList.add("is-open");
    if (!drawer.open) drawer.showModal();
    drawer.scrollTop = 0;
    if (!isFromAddress && location.hash !== address) history.pushState({ drawer: true }, "", address);
    return true;
  };
  const close = () => {
    if (history.state?.drawer) history.back();
    else if (asked()) history.replaceState(history.state, "", location.pathname + location.search);
  };
  const find = (id, over) => openers().find((one) => same(idOf(one), id) && same(one.dataset.estimate ? "" : overOf(one), over ?? ""))
    ?? openers().find((one) => same(idOf(one), id));
  const follow = () => {
    const wanted = asked();
    if (!wanted) { if (drawer.open) drawer.close(); return; }
    equipSome(Infinity);
    const element = find(wanted[1], wanted[2]);
    if (!element || (drawer.open && element === last)) return;
    for (let around = element.parentElement; around; around = around.parentElement) if (around.tagName === "DETAILS") around.open = true;
    element.scrollIntoView({ block: "center", behavior: "instant" });
    open(element, true);
  };
  drawer.addEventListener("close", () => {
    last?.classList.remove("is-open");
    last?.focus({ preventScroll: true });
    close();
  });
  document.getElementById("drawer-close").addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });

  // Which numbers open, and how a keyboard reaches them: one stop a table, list or card, then arrow keys.
  const GROUP = "table, ul, ol, .card";
  const stops = (table) => [...table.querySelectorAll(".opens[role]")].filter((one) => one.getClientRects().length || !table.getClientRects().length);
  const rove = (table, to) => {
    table.querySelectorAll('.opens[tabindex="0"]').forEach((one) => { one.tabIndex = -1; });
    if (to) to.tabIndex = 0;
  };
  const looked = new WeakSet(), stopped = new WeakSet();
  const equip = (one) => {
    if (looked.has(one)) return;
    looked.add(one);
    const isInside = one.parentElement.closest(`${WANTED}, a, button, summary, label`);
    if (isInside || !/[^–\s]/.test(one.textContent) || !cellOf(idOf(one))) return;
    one.classList.add("opens");
    const before = one.previousElementSibling;
    if (before?.matches(WANTED)) equip(before);
    if (before?.classList.contains("opens") && /\/high$/.test(idOf(one)) && same(idOf(one).replace(/high$/, "low"), idOf(before)) && overOf(one) === overOf(before)) return;
    one.setAttribute("role", "button");
    one.setAttribute("aria-haspopup", "dialog");
    const table = one.closest(GROUP);
    one.tabIndex = table && stopped.has(table) ? -1 : 0;
    if (table) stopped.add(table);
  };
  // Page one at once, the other numbers when the browser has time, and any that is asked for before.
  const later = (act) => (window.requestIdleCallback ? requestIdleCallback(act, { timeout: 500 }) : setTimeout(act, 50));
  const waiting = [...document.querySelectorAll(WANTED)];
  const equipSome = (most) => {
    const until = performance.now() + most;
    while (waiting.length && performance.now() < until) waiting.splice(0, 20).forEach(equip);
    drawer.dataset.waiting = waiting.length;
    if (waiting.length && most < Infinity) later(() => equipSome(8));
  };
  document.querySelectorAll("#first [data-evidence], #first [data-estimate]").forEach((one) => { if (one.matches(WANTED)) equip(one); });
  const mend = () => document.querySelectorAll(GROUP).forEach((table) => {
    const there = stops(table);
    if (!there.some((one) => one.tabIndex === 0)) rove(table, there[0]);
  });
  document.addEventListener("input", mend);
  // A number in round figures opens what the exact one beside it does.
  const openerOf = (target) => {
    for (let one = target.closest?.(WANTED); one; one = one.parentElement.closest(WANTED)) equip(one);
    return target.closest?.(".opens") ?? target.closest?.(".rounded")?.parentElement.querySelector(".opens");
  };
  document.addEventListener("click", (event) => {
    const one = openerOf(event.target);
    if (!one || String(getSelection())) return;
    const before = one.getAttribute("role") ? one : one.previousElementSibling ?? one;
    if (before.closest(GROUP)) rove(before.closest(GROUP), before);
    open(before);
  });
  document.addEventListener("keydown", (event) => {
    const one = openerOf(event.target);
    if (!one || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(one); return; }
    const table = one.closest(GROUP);
    if (!table) return;
    const all = stops(table), at = all.indexOf(one), cell = one.closest("td, th");
    const below = (step) => {
      if (!cell) return all[at + step];
      const mine = all.filter((other) => other.closest("td, th").cellIndex === cell.cellIndex);
      const rows = [...new Set(mine.map((other) => other.closest("tr")))];
      const row = rows[rows.indexOf(cell.closest("tr")) + step];
      return mine.find((other) => other.closest("tr") === row);
    };
    const to = { ArrowRight: () => all[at + 1], ArrowLeft: () => all[at - 1], ArrowDown: () => below(1), ArrowUp: () => below(-1), Home: () => all[0], End: () => all[all.length - 1] }[event.key]?.();
    if (!to) return;
    event.preventDefault();
    rove(table, to);
    to.focus();
  });
  const place = document.querySelector("main")?.parentElement.querySelector("header");
  const opensAny = () => waiting.some((one) => { equip(one); return one.classList.contains("opens"); });
  if (place && opensAny()) place.append(make("p", say.hint, "opens-hint"));
  const explore = document.getElementById("explore") ?? document.getElementById("findings");
  if (explore && examples?.posts.length) offerSearch(explore);
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  follow();
  later(() => equipSome(8));
})();
