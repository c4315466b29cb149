// Values of a figure on hover, tap and arrow keys. Without this script its table has them.
document.querySelectorAll(".picture").forEach((picture) => {
  const tip = document.createElement("div"), ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  // A title inside the drawing would show itself beside the value.
  picture.querySelectorAll("svg > title").forEach((title) => {
    title.parentElement.setAttribute("aria-label", title.textContent);
    title.parentElement.removeAttribute("aria-labelledby");
    title.remove();
  });
  if (!picture.querySelector("svg[data-marks]")) return;
  const known = new Map();
  let at = -1;
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  ring.setAttribute("class", "ring");
  ring.setAttribute("r", 45);
  picture.append(tip);

  const drawing = () => [...picture.querySelectorAll("svg[data-marks]")].find((svg) => svg.clientWidth);
  // Parts of a figure: along which side one looks, their box, and the marks as places and texts.
  const partsOf = (svg) => {
    if (!known.has(svg)) {
      known.set(svg, JSON.parse(svg.dataset.marks).filter((part) => part[2].length));
    }
    return known.get(svg);
  };
  const listOf = (svg) => partsOf(svg).flatMap((part, number) => part[2].map((mark) => [number, mark]));
  const hide = () => { tip.hidden = true; ring.remove(); at = -1; };
  const put = (text, left, top) => {
    if (tip.textContent !== text) tip.textContent = text;
    tip.hidden = false;
    const half = tip.offsetWidth / 2, most = picture.clientWidth - half;
    tip.style.left = `${Math.max(Math.min(left, most), Math.min(half, most))}px`;
    tip.style.top = `${top}px`;
    tip.classList.toggle("under", top < tip.offsetHeight + 12);
  };
  const show = (svg, place) => {
    const [, [x, y, text]] = listOf(svg)[place], scale = svg.clientWidth / svg.viewBox.baseVal.width;
    at = place;
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", y);
    svg.append(ring);
    put(text, x * scale, y * scale);
  };
  const outside = (value, low, high) => Math.max(low - value, 0, value - high);
  // Look in the nearest part, there along its own side.
  const nearest = (svg, event) => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    const far = ([, [left, top, right, low]]) => outside(x, left, right) + outside(y, top, low);
    const parts = partsOf(svg), part = parts.reduce((best, one) => (far(one) < far(best) ? one : best));
    if (far(part) > 2600) return -1;
    const side = { x: [1, 0.01], y: [0.01, 1], xy: [1, 1] }[part[0]];
    let found = -1, least = Infinity;
    listOf(svg).forEach(([number, mark], place) => {
      const gap = side[0] * Math.abs(mark[0] - x) + side[1] * Math.abs(mark[1] - y);
      if (parts[number] === part && gap < least) [found, least] = [place, gap];
    });
    return found;
  };
  const point = (event) => {
    const svg = drawing(), place = svg ? nearest(svg, event) : -1;
    if (place < 0) hide();
    else if (place !== at || tip.hidden) show(svg, place);
  };
  const step = (svg, key) => {
    const list = listOf(svg), parts = partsOf(svg), last = list.length - 1;
    if (key === "Home" || (at < 0 && key !== "End")) return 0;
    if (key === "End") return last;
    const [part, mark] = list[at], back = key === "ArrowLeft" || key === "ArrowUp";
    if ((key === "ArrowLeft" || key === "ArrowRight") || parts.length === 1) {
      return Math.max(0, Math.min(last, at + (back ? -1 : 1)));
    }
    const next = parts[part + (back ? -1 : 1)];
    if (!next) return at;
    const twin = next[2][Math.min(parts[part][2].indexOf(mark), next[2].length - 1)];
    return list.findIndex(([, one]) => one === twin);
  };
  picture.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") point(event); });
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hide(); });
  document.addEventListener("pointerdown", (event) => { if (!picture.contains(event.target)) hide(); });
  picture.addEventListener("focus", () => {
    if (picture.matches(":focus-visible")) put(picture.dataset.keys, picture.clientWidth / 2, 0);
  });
  picture.addEventListener("blur", hide);
  picture.addEventListener("keydown", (event) => {
    const svg = drawing();
    if (event.key === "Escape") hide();
    if (!svg || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    show(svg, step(svg, event.key));
  });
});

// Below a figure: its values as a list, a link to it, and how to quote it.
document.querySelectorAll("figure[id]").forEach((figure) => {
  const say = document.getElementById("report")?.dataset, caption = figure.querySelector("figcaption"), picture = figure.querySelector(".picture");
  if (!say || !caption || !picture) return;
  const status = document.createElement("span"), title = picture.getAttribute("aria-label");
  status.setAttribute("role", "status");
  const add = (text, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${title}`);
    button.addEventListener("click", () => act(button));
    caption.append(" ", button);
    return button;
  };
  const copy = (text) => {
    const tell = (told) => { status.textContent = told; };
    if (!navigator.clipboard) { tell(`${say.byHand} ${text}`); return; }
    navigator.clipboard.writeText(text).then(() => tell(say.copied), () => tell(`${say.byHand} ${text}`));
  };
  const address = () => `${location.href.split("#")[0]}#${figure.id}`;
  const listed = (svg) => {
    const values = document.createElement("div");
    JSON.parse(svg.dataset.marks).forEach(([, , marks]) => {
      const texts = marks.map(([, , text]) => text.split("\n")), list = document.createElement("ul");
      const shared = texts.length && texts.every((lines) => lines.length > 1 && lines[0] === texts[0][0]) ? texts[0][0] : "";
      if (shared) values.append(Object.assign(document.createElement("p"), { textContent: shared }));
      list.append(...texts.map((lines) => Object.assign(document.createElement("li"), { textContent: lines.slice(shared ? 1 : 0).join(" ") })));
      if (texts.length) values.append(list);
    });
    values.className = "values";
    return values;
  };
  const svg = picture.querySelector("svg[data-marks]");
  if (svg) {
    let values = null;
    add(say.values, (button) => {
      values ??= picture.after(Object.assign(listed(svg), { hidden: true })) ?? picture.nextElementSibling;
      values.hidden = !values.hidden;
      picture.hidden = !values.hidden;
      button.textContent = values.hidden ? say.values : say.drawing;
      button.setAttribute("aria-label", `${button.textContent}: ${title}`);
    });
  }
  add(say.link, () => copy(address()));
  const cited = document.getElementById("citation")?.textContent.trim();
  if (cited) add(say.quote, () => copy(`${title}. ${cited}`.replace(/([。！？])\. /u, "$1")));
  caption.append(" ", status);
});

// Where the files of the build are not beside the page, a figure is saved from the page itself, in the colours that are seen.
const drawingOf = (svg) => {
  const copy = svg.cloneNode(true), box = svg.viewBox.baseVal, body = getComputedStyle(document.body);
  const parts = [...copy.querySelectorAll("[class]")];
  [...svg.querySelectorAll("[class]")].forEach((part, number) => {
    const look = getComputedStyle(part);
    parts[number].setAttribute("fill", look.fill);
    parts[number].setAttribute("stroke", look.stroke);
  });
  copy.querySelectorAll(".ring").forEach((ring) => ring.remove());
  const ground = document.createElementNS(copy.namespaceURI, "rect"), style = document.createElementNS(copy.namespaceURI, "style");
  ground.setAttribute("width", box.width);
  ground.setAttribute("height", box.height);
  ground.setAttribute("fill", body.backgroundColor);
  style.textContent = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule).map((rule) => rule.cssText).join("");
  copy.prepend(style, ground);
  const told = { xmlns: copy.namespaceURI, width: `${box.width / 10}pt`, height: `${box.height / 10}pt`, fill: "none", "stroke-linejoin": "round", "font-family": '"Caodian Sans", sans-serif' };
  Object.entries(told).forEach(([name, value]) => copy.setAttribute(name, value));
  ["class", "data-marks"].forEach((name) => copy.removeAttribute(name));
  return new XMLSerializer().serializeToString(copy);
};
const saveAs = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
document.querySelectorAll("figcaption a[data-beside]:not([href])").forEach((link) => {
  const name = link.dataset.beside.split("/").pop(), kind = name.split(".").pop();
  const svg = link.closest("figure").querySelector("svg.wide");
  if (!["png", "svg"].includes(kind) || !svg) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = link.textContent;
  button.addEventListener("click", () => {
    const text = drawingOf(svg);
    if (kind === "svg") return saveAs(new Blob([text], { type: "image/svg+xml" }), name);
    const picture = new Image(), canvas = document.createElement("canvas");
    picture.addEventListener("load", () => {
      [canvas.width, canvas.height] = [picture.width * 2, picture.height * 2];
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => saveAs(blob, name));
    });
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  });
  link.replaceWith(button);
});
