"use strict";
const facts = JSON.parse(document.getElementById("facts").textContent);
const token = new URLSearchParams(location.search).get("token");
const byId = (id) => document.getElementById(id);
const controls = byId("controls");
let page = 1, pages = 1, kept = null, asked = 0;

async function ask(path, body) {
  const reply = await fetch(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-Caodian-Token": token },
  });
  if (reply.ok) return reply;
  const told = await reply.json().catch(() => ({ error: reply.statusText }));
  throw new Error(told.error);
}

function choice() {
  const given = Object.fromEntries([...new FormData(controls)].filter(([, value]) => value !== ""));
  given.cutoff = Number(given.cutoff);
  const dates = facts.dates;
  if (dates.length && given.first === dates[0] && given.last === dates[dates.length - 1]) {
    delete given.first;
    delete given.last;
  }
  return given;
}

function marked(cell, text, words) {
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const parts = pattern ? text.split(new RegExp(`(${pattern})`)) : [text];
  parts.forEach((part, place) => {
    if (place % 2) {
      const mark = document.createElement("mark");
      mark.textContent = part;
      cell.append(mark);
    } else cell.append(part);
  });
}

function fill(table) {
  const [head, body] = [byId("rows").tHead, byId("rows").tBodies[0]];
  const words = (choice().words || "").split(/\s+/).filter(Boolean);
  const line = document.createElement("tr");
  table.heads.forEach((name) => {
    const cell = document.createElement("th");
    cell.textContent = name;
    line.append(cell);
  });
  head.replaceChildren(line);
  body.replaceChildren(...table.rows.map((values) => {
    const row = document.createElement("tr");
    row.tabIndex = 0;
    values.forEach((value, place) => {
      const cell = document.createElement("td");
      marked(cell, String(value ?? ""), place === values.length - 1 ? words : []);
      row.append(cell);
    });
    const tell = () => why(row, values[0]);
    row.addEventListener("click", tell);
    row.addEventListener("keydown", (event) => { if (event.key === "Enter") tell(); });
    return row;
  }));
}

async function guarded(act) {
  try {
    await act();
    byId("error").hidden = true;
  } catch (error) {
    byId("error").textContent = error.message;
    byId("error").hidden = false;
  }
}

const look = () => guarded(async () => {
  const mine = ++asked;
  const view = await (await ask("view", { choice: choice(), page })).json();
  if (mine !== asked) return; // a later choice was made meanwhile
  pages = view.pages;
  byId("size").textContent = view.size;
  byId("figure").src = `data:image/png;base64,${view.picture}`;
  byId("figure").alt = view.alt;
  byId("page").textContent = `${page} / ${pages}`;
  byId("back").disabled = page <= 1;
  byId("next").disabled = page >= pages;
  fill(view.table);
});

const why = (row, post) => guarded(async () => {
  const told = (await (await ask("why", { post })).json()).html; // escaped by the server
  document.querySelectorAll("#rows tr.why").forEach((one) => one.remove());
  document.querySelectorAll("#rows tr[aria-selected]").forEach((one) => one.removeAttribute("aria-selected"));
  row.setAttribute("aria-selected", "true");
  const below = document.createElement("tr"), cell = document.createElement("td");
  below.className = "why";
  cell.colSpan = row.cells.length;
  cell.id = "why";
  cell.innerHTML = told;
  below.append(cell);
  row.after(below);
});

function offerSubs() {
  const code = controls.elements.grievance.value, subs = controls.elements.sub_grievance;
  const every = subs.options[0];
  subs.replaceChildren(every, ...(facts.subs[code] || []).map(([text, value]) => new Option(text, value)));
  subs.value = "";
}

controls.addEventListener("submit", (event) => event.preventDefault());
controls.addEventListener("change", (event) => {
  if (event.target.name === "grievance") offerSubs();
  page = 1;
  look();
});
controls.elements.cutoff.addEventListener("input", (event) => {
  event.target.nextElementSibling.value = Number(event.target.value).toFixed(2);
});
byId("back").addEventListener("click", () => { page -= 1; look(); });
byId("next").addEventListener("click", () => { page += 1; look(); });
byId("keep").addEventListener("click", () => guarded(async () => {
  kept = choice();
  byId("terms").textContent = (await (await ask("spell", { choice: kept })).json()).text;
}));
byId("compare").addEventListener("click", () => guarded(async () => {
  if (!kept) return;
  byId("terms").innerHTML = (await (await ask("compare", { first: kept, second: choice() })).json()).html;
}));
byId("export").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(async () => {
    const asked = Object.fromEntries(new FormData(event.target));
    const reply = await ask("save", { ...asked, choice: choice() });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await reply.blob());
    link.download = `${asked.panel || "selection"}.${asked.kind}`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
});
look();
