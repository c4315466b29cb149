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
