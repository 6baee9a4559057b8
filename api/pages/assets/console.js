"use strict";
// What the pages need a script for: the viewer's time zone, sorting, curves, live parts, and the menu of a telephone.

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`commerce_zone=${zone}`)) {
    document.cookie = `commerce_zone=${zone}; path=/console; max-age=31536000; samesite=strict`;
  }

  // A click on a heading sorts the rows that are shown, by their values and not by their texts.
  const valueOf = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
  const compare = (one, other) => {
    const numbers = [Number(one), Number(other)];
    return one !== "" && other !== "" && numbers.every(Number.isFinite)
      ? numbers[0] - numbers[1]
      : one.localeCompare(other, document.documentElement.lang, { numeric: true });
  };
  const sort = (heading) => {
    const body = heading.closest("table").tBodies[0];
    const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const rows = [...body.rows].sort(
      (a, b) => direction * compare(valueOf(a, heading.cellIndex), valueOf(b, heading.cellIndex)));
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    body.append(...rows);
  };
  const makeSortable = (root) => {
    for (const heading of root.querySelectorAll("table[data-sortable] th[scope=col]:not(:has(button))")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(heading));
      heading.append(button);
    }
  };

  // One box chooses all rows of its table.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose-all]")) return;
    for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]")) {
      box.checked = event.target.checked;
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  // A file that is chosen or dropped is read into a field of its form; one that is too large says so, and is not sent.
  document.addEventListener("change", async ({ target }) => {
    if (!target.matches("input[type=file][data-into]")) return;
    const [file] = target.files;
    const isTooLarge = file && file.size > Number(target.dataset.mostBytes);
    target.setCustomValidity(isTooLarge ? target.dataset.tooLarge : "");
    target.reportValidity();
    if (file && !isTooLarge) target.form.elements[target.dataset.into].value = await file.text();
  });

  // A curve, or several: the points stand in the element, as `2026-11-30=12.50;3 …`, one value for each of `labels`.
  const colour = (name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    const found = getComputedStyle(probe).color; // a canvas knows neither variables nor light-dark()
    probe.remove();
    return found;
  };
  const draw = (root) => {
    for (const element of root.querySelectorAll("[data-curve]:empty")) {
      const points = element.dataset.points.trim().split(/\s+/).map((point) => point.split("="));
      const labels = element.dataset.labels.split("|");
      const colours = element.dataset.colours.split("|");
      const values = points.map(([, given]) => given.split(";").map(Number));
      const data = [points.map(([at]) => new Date(at).getTime() / 1000), ...labels.map((_, i) => values.map((of) => of[i]))];
      const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 } };
      const series = labels.map((label, i) => (
        { label, stroke: colour(colours[i]), width: 2, ...(i ? {} : { fill: colour("--accent-soft") }) }));
      new uPlot({
        width: element.clientWidth || 600,
        height: 180,
        legend: { show: labels.length > 1 },
        cursor: { y: false },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), element.dataset.zone ?? "UTC"),
        scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
        axes: [axis, axis],
        series: [{}, ...series],
      }, data, element);
      element.setAttribute("role", "img");
      element.setAttribute("aria-label", labels.map((label, i) => `${label}: ${values.map((of) => of[i]).join(", ")}`).join("; "));
    }
  };

  // A part that lives is loaded again after each event of its stream; many events at once load it once.
  let stream = null;
  const follow = (root) => {
    const part = root.matches?.("[data-live]") ? root : root.querySelector("[data-live]");
    if (!part || stream?.url.endsWith(part.dataset.live)) return;
    stream?.close();
    stream = new EventSource(part.dataset.live);
    let waiting = null;
    const load = () => {
      waiting ??= setTimeout(() => {
        waiting = null;
        htmx.trigger("[data-live]", "changed");
      }, 250);
    };
    stream.addEventListener("message", load);
    stream.addEventListener("expired", () => stream.close());
  };
  // Parts that live are sent as they change, as a JSON object by their ids; what has the focus keeps it.
  const followParts = () => {
    const page = document.querySelector("[data-live-parts]");
    if (!page) return;
    stream = new EventSource(page.dataset.liveParts);
    stream.addEventListener("message", (event) => {
      for (const [id, html] of Object.entries(JSON.parse(event.data))) {
        const part = document.getElementById(id);
        if (!part || part.outerHTML === html.trim()) continue;
        const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        part.outerHTML = html;
        const made = document.getElementById(id);
        if (focused) made.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
        prepare(made);
      }
    });
    stream.addEventListener("expired", () => stream.close());
  };
  addEventListener("pagehide", () => stream?.close());

  const prepare = (root) => {
    makeSortable(root);
    draw(root);
    follow(root);
  };
  document.addEventListener("DOMContentLoaded", () => {
    const menu = document.querySelector("details.menu");
    if (menu && matchMedia("(max-width: 56rem)").matches) menu.open = false;
    // A link of a mail or a terminal has a token behind its #, where no server sees it: the form of that name sends it.
    const form = document.querySelector("form[data-fragment]");
    const begin = form && `#${form.dataset.fragment}=`;
    if (form && location.hash.startsWith(begin)) {
      form.elements.token.value = location.hash.slice(begin.length);
      history.replaceState(null, "", location.pathname + location.search);
      form.requestSubmit();
    }
    prepare(document);
    followParts();
    document.body.addEventListener("htmx:afterSwap", (event) => prepare(event.detail.elt));
  });
})();
