// Filter and sort the data tables. Without this script the tables are complete and readable.
document.querySelectorAll("table[data-source]").forEach((table) => {
  const body = table.tBodies[0], rows = [...body.rows], say = table.dataset;
  const sortBy = (index, head) => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    const value = (row) => row.cells[index].dataset.value ?? row.cells[index].textContent;
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (!x || !y) return x ? -1 : y ? 1 : 0;
      return (up ? 1 : -1) * (isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y);
    };
    table.querySelectorAll("th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.sort(order).forEach((row) => body.append(row));
  };
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = say.sort;
    button.addEventListener("click", () => sortBy(index, head));
    head.dataset.title = head.textContent;  // on paper, where a browser repeats no head that holds a button
    head.replaceChildren(button);
  });
  if (rows.length < 6) return;
  const tools = document.createElement("div"), label = document.createElement("label");
  const input = document.createElement("input"), status = document.createElement("span");
  tools.className = "tools";
  input.type = "search";
  input.id = table.id + "-search";
  label.htmlFor = input.id;
  label.textContent = say.search;
  status.setAttribute("role", "status");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    const shown = rows.filter((row) => !row.hidden).length;
    status.textContent = say.shown.replace("{shown}", shown).replace("{all}", rows.length);
  });
  tools.append(label, input, status);
  table.parentElement.before(tools);
});

// Files of the build are linked where the page lies among them, and not where it was sent alone.
const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };  // bytes of no UTF-8
if (location.protocol.startsWith("http")
    || location.pathname.split("/").map(decode).at(-2) === document.body.dataset.build)
  document.querySelectorAll("a[data-beside]").forEach((link) => { link.href = link.dataset.beside; });

// A link into a folded part opens it.
const unfold = () => {
  const id = location.hash.slice(1), target = id && document.getElementById(id);
  if (!target) return;
  const folded = [];
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") folded.push(at);
  if (target.tagName === "SECTION" && !target.classList.contains("part")) {
    const own = target.querySelector(":scope > details:not(.more)");
    if (own) folded.push(own);
  }
  const shut = folded.filter((part) => !part.open);
  shut.forEach((part) => { part.open = true; });
  if (shut.length) target.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();

// Summary and citation are copied; where the browser does not let a page copy, they are selected to be copied by hand.
document.querySelectorAll("[data-copy]").forEach((told) => {
  const button = document.createElement("button"), status = document.createElement("span");
  const select = () => {
    const range = document.createRange();
    range.selectNodeContents(told);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    let copied = false;
    try { copied = document.execCommand("copy"); } catch { copied = false; }
    status.textContent = copied ? told.dataset.copied : told.dataset.selected;
  };
  button.type = "button";
  button.className = "copy";
  button.textContent = told.dataset.copy;
  status.setAttribute("role", "status");
  button.addEventListener("click", () => {
    if (!navigator.clipboard) { select(); return; }
    navigator.clipboard.writeText(told.textContent.trim()).then(
      () => { status.textContent = told.dataset.copied; }, select);
  });
  const row = document.createElement("p");
  row.className = "copying";
  row.append(button, " ", status);
  told.after(row);
});
