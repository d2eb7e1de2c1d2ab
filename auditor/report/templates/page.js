
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const T = data.texts;
  const PAGE = 50;
  const PRINT_ROWS = 2000;
  // A browser lays out one long table on paper in quadratic time, many short ones in linear.
  const PRINT_TABLE = 200;
  const VERDICTS = ["", "possible", "probable", "confirmed"];
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Every text reaches the page through textContent or setAttribute, never as markup.
  const make = (tag, props = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (value === undefined || value === null || value === false) continue;
      if (name === "class") node.className = value;
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const count = (number) => number.toLocaleString("en-US");

  const FIELDS = ["site", "device", "address", "maker", "brand", "model", "category", "serial", "place", "why", "mac", "firmware",
    "seen", "part", "tier", "waived", "missing", "needed", "asset", "id", "placeWhy", "lists", "due", "dueUnder"];
  const findings = data.findings.map((row) => {
    const item = { verdict: row[0] };
    FIELDS.forEach((name, index) => { item[name] = T[row[index + 1]]; });
    const at = FIELDS.length + 1;
    item.for = row[at];
    item.against = row[at + 1];
    item.asks = row[at + 2];
    item.policies = [...new Set(item.asks.map((index) => T[data.obligations[index][1]]))];
    item.list = item.tier ? "watched makers" : item.part ? "components" : "covered makers";
    item.text = [VERDICTS[item.verdict], ...FIELDS.map((name) => item[name]), ...item.policies].join("\n").toLowerCase();
    return item;
  });
  const plain = (rows, names) => rows.map((row) => {
    const item = {};
    names.forEach((name, index) => { item[name] = T[row[index]]; });
    item.text = names.map((name) => item[name]).join("\n").toLowerCase();
    return item;
  });
  const devices = plain(data.devices, ["site", "device", "address", "mac", "serial", "outcome", "makers", "seen", "place", "why"]);
  const PART = ["site", "device", "address", "part", "sort", "name", "description", "vendor", "model", "serial", "firmware", "mac",
    "partAddress", "maker", "verdict", "asset", "partAsset"];
  const parts = plain(data.parts, PART);
  const unread = plain(data.unread, ["site", "address", "collector", "reason", "means", "detail"]);

  class Grid {
    constructor(root, rows, columns, { label, detail = null, empty }) {
      Object.assign(this, { root, rows, columns, detail, empty, label });
      this.wanted = () => true;
      this.grouped = null;
      this.sorted = null;
      this.page = 0;
      this.open = new Set();
      this.unfolded = new Set();
      this.head = make("tr", {}, detail ? make("th", { class: "open", scope: "col" }, make("span", { class: "unseen" }, "Details")) : null,
        ...columns.map((column) => this.header(column)));
      this.body = make("tbody");
      this.told = make("p", { role: "status", "aria-live": "polite" });
      this.before = make("button", { type: "button", onclick: () => this.turn(-1) }, "Previous");
      this.after = make("button", { type: "button", onclick: () => this.turn(1) }, "Next");
      root.append(
        make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${label}, table` },
          this.table = make("table", { "aria-label": label }, make("thead", {}, this.head), this.body)),
        make("div", { class: "pager" }, this.told, this.before, this.after));
      this.show();
    }

    header(column) {
      const button = make("button", { type: "button", onclick: () => this.sort(column) }, column.label);
      const cell = make("th", { scope: "col", "aria-sort": "none", "data-label": column.label }, button);
      column.cell = cell;
      return cell;
    }

    sort(column) {
      const turned = this.sorted && this.sorted.column === column && this.sorted.sign === 1 ? -1 : 1;
      this.sorted = { column, sign: turned };
      for (const other of this.columns) other.cell.setAttribute("aria-sort", "none");
      column.cell.setAttribute("aria-sort", turned === 1 ? "ascending" : "descending");
      this.page = 0;
      this.show();
    }

    filter(wanted, grouped = null) {
      if (grouped !== this.grouped) this.unfolded.clear();
      this.wanted = wanted;
      this.grouped = grouped;
      this.page = 0;
      this.show();
    }

    turn(step) {
      this.page += step;
      this.show();
      this.root.scrollIntoView({ block: "nearest" });
    }

    // Groups are folded but for those somebody opened; paper has room for all.
    chosen(everything) {
      let rows = this.rows.filter(this.wanted);
      if (this.sorted) {
        const { column, sign } = this.sorted;
        const ranked = rows.map((row) => [column.key(row), row]);
        const numeric = ranked.length > 0 && typeof ranked[0][0] === "number";
        ranked.sort(numeric ? (a, b) => sign * (a[0] - b[0]) : (a, b) => sign * collator.compare(a[0], b[0]));
        rows = ranked.map((pair) => pair[1]);
      }
      this.count = rows.length;
      if (!this.grouped) return rows.map((row) => ({ group: null, row }));
      const groups = new Map();
      for (const row of rows) {
        for (const group of this.grouped(row)) {
          if (!groups.has(group)) groups.set(group, []);
          groups.get(group).push(row);
        }
      }
      return [...groups.keys()].sort(collator.compare).flatMap((group) => {
        const members = groups.get(group);
        const shown = everything || this.unfolded.has(group) ? members : [];
        return [{ group, size: members.length, row: null }, ...shown.map((row) => ({ group, row }))];
      });
    }

    show(everything = false) {
      const lines = this.chosen(everything);
      const pages = Math.max(1, Math.ceil(lines.length / PAGE));
      this.page = Math.min(Math.max(this.page, 0), pages - 1);
      const from = everything ? 0 : this.page * PAGE;
      const shown = everything ? lines : lines.slice(from, from + PAGE);
      const parts = document.createDocumentFragment();
      for (const old of this.root.querySelectorAll("table.paper")) old.remove();
      for (const line of shown) {
        if (parts.childElementCount >= PRINT_TABLE && line.row !== null) this.paper(parts);
        if (line.row === null) this.heading(parts, line);
        else this.line(parts, line.row, everything);
      }
      if (!lines.length) {
        parts.append(make("tr", {}, make("td", { colspan: this.columns.length + (this.detail ? 1 : 0) },
          this.rows.length ? "Nothing matches these filters." : this.empty)));
      }
      this.body.replaceChildren(parts);
      const all = this.count === this.rows.length ? "" : ` (${count(this.rows.length)} in all)`;
      this.told.textContent = !lines.length ? `0 of ${count(this.rows.length)}`
        : this.grouped ? `${count(this.count)} in groups${all}`
        : `${count(from + 1)} to ${count(from + shown.length)} of ${count(lines.length)}${all}`;
      this.before.disabled = this.page === 0;
      this.after.disabled = this.page >= pages - 1;
      this.before.hidden = this.after.hidden = pages === 1;
    }

    heading(parts, { group, size }) {
      const open = this.unfolded.has(group);
      const button = make("button", { type: "button", "aria-expanded": String(open), onclick: () => {
        if (open) this.unfolded.delete(group); else this.unfolded.add(group);
        this.show();
      } }, group || "none", " ", make("span", {}, count(size)));
      parts.append(make("tr", { class: "group" },
        make("th", { colspan: this.columns.length + (this.detail ? 1 : 0), scope: "rowgroup" }, button)));
    }

    // Show one row unfolded, on the page of the table it stands on.
    reveal(row) {
      this.filter(() => true);
      this.open.add(row);
      this.page = Math.floor(this.chosen(false).findIndex((line) => line.row === row) / PAGE);
      this.show();
      const line = this.body.querySelector(`[data-id="${CSS.escape(row.id)}"]`);
      line.scrollIntoView({ block: "start" });
      line.querySelector("button").focus({ preventScroll: true });
    }

    paper(parts) {
      const head = this.table.tHead.cloneNode(true);
      const sheet = make("table", { class: "paper" }, head, make("tbody", {}, parts));
      this.table.before(sheet);
    }

    line(parts, row, onPaper) {
      const cells = this.columns.map((column) => make("td", { class: column.class, "data-label": column.label }, ...column.show(row)));
      if (!this.detail) {
        parts.append(make("tr", {}, ...cells));
        return;
      }
      const open = this.open.has(row);
      const button = make("button", { type: "button", "aria-expanded": String(open), "aria-label": `Evidence for ${row.device}` });
      const line = make("tr", { "data-id": row.id }, make("td", { class: "open" }, button), ...cells);
      // On paper a link to itself is of no use, and thousands of them cost a browser minutes.
      if (onPaper) line.querySelector("a.anchor")?.remove();
      const detail = () => make("tr", { class: "detail" }, make("td", { colspan: cells.length + 1 }, this.detail(row)));
      button.addEventListener("click", () => {
        const opened = button.getAttribute("aria-expanded") !== "true";
        button.setAttribute("aria-expanded", String(opened));
        if (opened) {
          this.open.add(row);
          line.after(detail());
        } else {
          this.open.delete(row);
          line.nextElementSibling.remove();
        }
      });
      parts.append(line);
      if (open) parts.append(detail());
    }
  }

  const two = (first, second) => [first, second ? make("small", {}, second) : null];
  const first = (list) => {
    const [one, ...others] = list.split(" ");
    return two(one, others.length ? `and ${count(others.length)} more` : "");
  };
  // What the laws behind a day answer; which laws they are stands in the list of dates.
  const SHORT = { yes: "applies", "if-purpose": "depends on the use of the site", undecidable: "undecided" };
  const answers = (under) => [...new Set(under.split("; ").map((one) => SHORT[one.split(": ")[1]]).filter(Boolean))].join(", ");
  const verdictOf = (row) => make("span", { class: `verdict ${VERDICTS[row.verdict]}` }, VERDICTS[row.verdict]);
  const tags = (row) => [row.waived ? "waived" : "", row.tier ? "watched" : "", row.part ? "component" : ""]
    .filter(Boolean).map((word) => make("span", { class: "tag" }, word));

  const pairs = (entries) => make("dl", { class: "pairs" },
    ...entries.filter((entry) => entry[1]).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));

  // Each thing said is quoted once, with everybody who said it; each reason is given once, below the first text it speaks of.
  const VOICES = 4;
  const chain = (indexes) => {
    const groups = new Map();
    for (const index of indexes) {
      const row = data.evidence[index].map((number) => T[number]);
      const key = row[8].replace(/\s+/g, " ");
      if (!groups.has(key)) groups.set(key, { strength: row[0], said: row[8], rows: [] });
      groups.get(key).rows.push(row);
    }
    const told = new Set();
    return make("ol", {}, ...[...groups.values()].map((group) => heard(group, told)));
  };
  const heard = (group, told) => {
    const voices = [...new Set(group.rows.map(([, , , , kind, where, , by, , speaker]) =>
      `${speaker}: ${kind}${where ? ` at ${where}` : ""}${by ? `, reported by ${by}` : ""}`))];
    const more = voices.length - VOICES;
    const rules = new Map(group.rows.map((row) => [row[2], row]));
    const fresh = [...rules.values()].filter((row) => !told.has(row[2]));
    const again = [...rules.keys()].filter((rule) => told.has(rule));
    for (const row of fresh) told.add(row[2]);
    return make("li", { class: group.strength },
      make("pre", {}, group.said),
      ...voices.slice(0, VOICES).map((voice) => make("p", { class: "quiet" }, voice)),
      more > 0 ? make("p", { class: "quiet" }, `and ${count(more)} more who said the same`) : null,
      ...fresh.flatMap(([strength, because, rule, source, , , captures]) => [
        make("p", {}, make("span", { class: "tag" }, strength), " ", because),
        make("p", { class: "quiet" }, captures ? `Read from it: ${captures}. ` : "", `Rule ${rule}, from ${source}`)]),
      again.length ? make("p", { class: "quiet" }, `Means the same as above by ${again.join(", ")}.`) : null);
  };

  const duty = (index) => {
    const [, title, , asks, condition, cite, url, since, until, bound, needs, , due] = data.obligations[index].map((number) => T[number]);
    return make("li", {},
      make("p", {}, make("b", {}, title)),
      make("p", {}, asks),
      condition ? make("p", { class: "quiet" }, `Condition: ${condition}`) : null,
      needs ? make("p", { class: "quiet" }, `Decided by: ${needs}`) : null,
      make("p", { class: "quiet" }, url ? make("a", { href: url, rel: "noopener noreferrer" }, cite) : cite,
        bound ? ` · binds: ${bound}` : "", since ? ` · since ${since}` : "", until ? ` · until ${until}` : "", due ? ` · by ${due}` : ""));
  };

  const APPLIES = [["yes", "Applies"], ["if-purpose", "Applies if the site is used for what the condition names"], ["undecidable", "Cannot be decided from the network"]];
  const PLACE = 11;
  const laws = (row) => {
    const places = [...new Set(row.asks.map((number) => T[data.obligations[number][PLACE]]))];
    return places.flatMap((place) => APPLIES.map(([word, says], index) => {
      const chosen = row.asks.filter((number) => T[data.obligations[number][2]] === word && T[data.obligations[number][PLACE]] === place);
      return chosen.length
        ? make("details", { open: index === 0 || chosen.length === row.asks.length },
          make("summary", {}, `${place}: ${says.toLowerCase()} (${count(chosen.length)})`), make("ul", {}, ...chosen.map(duty)))
        : null;
    })).filter(Boolean);
  };

  const detail = (row) => make("div", { class: "chain" },
    make("div", {}, make("h3", {}, "Evidence"), chain(row.for),
      row.against.length ? make("h3", {}, "Speaks against it") : null, row.against.length ? chain(row.against) : null),
    make("div", {},
      make("h3", {}, "What each law asks"),
      row.asks.length ? make("div", {}, ...laws(row)) : make("p", { class: "quiet" }, "No policy was asked, or none binds on this date."),
      row.lists ? make("p", { class: "quiet" }, `Named on lists that ask nothing of who owns or uses it: ${row.lists}.`) : null,
      make("h3", {}, "Identity"),
      pairs([["Category", row.category], ["Serial", row.serial], ["MAC", row.mac], ["Firmware", row.firmware], ["Seen", row.seen],
        ["Component", row.part], ["Place", row.placeWhy ? `${row.place}: ${row.placeWhy}` : row.place], ["Missing", row.missing], ["Laws also ask for", row.needed], ["Waived", row.waived],
        ["Maker is", row.tier], ["Asset", row.asset], ["Finding", row.id]])));

  const grid = new Grid(document.getElementById("findings-table"), findings, [
    { label: "Verdict", key: (row) => -row.verdict, show: (row) => [verdictOf(row), ...tags(row)] },
    { label: "Site", key: (row) => row.site, show: (row) => [row.site] },
    { label: "Device", key: (row) => row.device, class: "device token", show: (row) => [row.device,
      make("a", { class: "anchor", href: `#${encodeURIComponent(row.id)}`, "aria-label": `Link to the finding on ${row.device}` }, "#"),
      row.address && row.address !== row.device ? make("small", {}, row.address) : null].filter((part) => part !== null) },
    { label: "Maker", key: (row) => row.maker, show: (row) => two(row.maker, row.brand ? `sold as ${row.brand}` : "") },
    { label: "Model", key: (row) => row.model, class: "token", show: (row) => two(row.model || "not known", row.serial) },
    { label: "Place", key: (row) => row.place, class: "token", show: (row) => [row.place] },
    { label: "Next date", key: (row) => row.due || "9999", class: "date", show: (row) => two(row.due, answers(row.dueUnder)) },
    { label: "Why", key: (row) => row.why, class: "why", show: (row) => two(row.why, row.waived ? `waived ${row.waived}` : "") },
  ], { label: "Findings", detail, empty: "No rule for a covered maker fired on what was examined." });

  const failures = new Grid(document.getElementById("unread-table"), unread, [
    { label: "Site", key: (row) => row.site, show: (row) => [row.site] },
    { label: "Address", key: (row) => row.address, class: "address", show: (row) => [row.address] },
    { label: "Collector", key: (row) => row.collector, show: (row) => [row.collector] },
    { label: "Reason", key: (row) => row.reason, show: (row) => two(row.reason, row.means) },
    { label: "Detail", key: (row) => row.detail, class: "why", show: (row) => [row.detail] },
  ], { label: "Unread", empty: "No target failed. What was never a target was not looked at." });

  const inventory = new Grid(document.getElementById("devices-table"), devices, [
    { label: "Outcome", key: (row) => row.outcome, show: (row) => two(row.outcome, row.makers) },
    { label: "Site", key: (row) => row.site, show: (row) => [row.site] },
    { label: "Device", key: (row) => row.device, class: "device", show: (row) => two(row.device, row.address === row.device ? "" : row.address) },
    { label: "MAC", key: (row) => row.mac, class: "address", show: (row) => first(row.mac) },
    { label: "Serial", key: (row) => row.serial, class: "address", show: (row) => [row.serial] },
    { label: "Seen", key: (row) => row.seen, show: (row) => [row.seen] },
    { label: "Place", key: (row) => row.place, show: (row) => [row.place] },
    { label: "Why", key: (row) => row.why, class: "why", show: (row) => [row.why] },
  ], { label: "All devices", empty: "No device was examined." });

  const inside = document.getElementById("parts-table") && new Grid(document.getElementById("parts-table"), parts, [
    { label: "Site", key: (row) => row.site, show: (row) => [row.site] },
    { label: "Device", key: (row) => row.device, class: "device", show: (row) => two(row.device, row.address === row.device ? "" : row.address) },
    { label: "Part", key: (row) => row.name || row.part, show: (row) => two(row.name || row.part, row.sort) },
    { label: "Vendor", key: (row) => row.vendor, show: (row) => two(row.vendor, row.maker ? `${row.maker}, ${row.verdict}` : "") },
    { label: "Model", key: (row) => row.model, show: (row) => two(row.model, row.firmware) },
    { label: "Serial", key: (row) => row.serial, class: "address", show: (row) => [row.serial] },
    { label: "Address", key: (row) => row.partAddress, class: "address", show: (row) => two(row.partAddress, row.mac) },
    { label: "Description", key: (row) => row.description, class: "why", show: (row) => two(row.description, row.partAsset ? `is ${row.partAsset}` : "") },
  ], { label: "Parts", empty: "No part says a serial number or a model." });

  const by = (id) => document.getElementById(id);
  const fill = (id, values) => by(id).append(make("option", { value: "" }, "all"),
    ...[...new Set(values)].filter(Boolean).sort(collator.compare).map((value) => make("option", { value }, value)));
  fill("f-verdict", findings.map((row) => VERDICTS[row.verdict]));
  fill("f-list", findings.map((row) => row.list));
  fill("f-site", findings.map((row) => row.site));
  fill("f-maker", findings.map((row) => row.maker));
  fill("f-policy", findings.flatMap((row) => row.policies));
  fill("d-outcome", devices.map((row) => row.outcome));
  fill("d-seen", devices.map((row) => row.seen));

  const GROUPS = { site: (row) => [row.site], maker: (row) => [row.maker], policy: (row) => (row.policies.length ? row.policies : [""]) };
  const words = (id) => by(id).value.toLowerCase().split(/\s+/).filter(Boolean);
  const refilter = () => {
    const wanted = words("q");
    const [verdict, site, list, maker, policy] = ["f-verdict", "f-site", "f-list", "f-maker", "f-policy"].map((id) => by(id).value);
    grid.filter((row) => (!verdict || VERDICTS[row.verdict] === verdict) && (!site || row.site === site) && (!list || row.list === list) && (!maker || row.maker === maker) &&
      (!policy || row.policies.includes(policy)) && wanted.every((word) => row.text.includes(word)), GROUPS[by("group").value] || null);
  };
  // Filters stand in the address, so that a link shows what its sender saw; a finding's own link shows that one.
  const FILTERS = { q: "q", verdict: "f-verdict", site: "f-site", list: "f-list", maker: "f-maker", policy: "f-policy", group: "group" };
  const remember = () => {
    const chosen = Object.entries(FILTERS).map(([name, id]) => [name, by(id).value]).filter((pair) => pair[1]);
    history.replaceState(null, "", chosen.length ? `#findings?${new URLSearchParams(chosen)}` : "#findings");
  };
  const recall = () => {
    const [place, query] = location.hash.slice(1).split("?");
    if (place === "findings" && query !== undefined) {
      const chosen = new URLSearchParams(query);
      for (const [name, id] of Object.entries(FILTERS)) by(id).value = chosen.get(name) || "";
      refilter();
      by("findings").scrollIntoView();
      return;
    }
    const row = place && findings.find((one) => encodeURIComponent(one.id) === place);
    if (!row) return;
    for (const id of Object.values(FILTERS)) by(id).value = "";
    grid.reveal(row);
  };
  // A spreadsheet takes no cell of it for a formula.
  const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const download = () => {
    const names = ["verdict", ...FIELDS, "policies"];
    const text = (row, name) => name === "verdict" ? VERDICTS[row.verdict] : name === "policies" ? row.policies.join("; ") : row[name];
    const lines = [names, ...grid.rows.filter(grid.wanted).map((row) => names.map((name) => text(row, name)))];
    const content = new Blob([lines.map((line) => line.map(cell).join(",")).join("\r\n"), "\r\n"], { type: "text/csv" });
    const link = make("a", { href: URL.createObjectURL(content), download: "findings.csv" });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  by("export").addEventListener("click", download);
  const reselect = () => {
    const wanted = words("dq");
    const [outcome, seen] = ["d-outcome", "d-seen"].map((id) => by(id).value);
    inventory.filter((row) => (!outcome || row.outcome === outcome) && (!seen || row.seen === seen) && wanted.every((word) => row.text.includes(word)));
  };
  const listen = (form, act) => {
    form.addEventListener("input", act);
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      for (const field of form.elements) if (field.type !== "reset") field.value = "";
      act();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  };
  listen(by("q").form, () => {
    refilter();
    remember();
  });
  addEventListener("hashchange", recall);
  recall();
  listen(by("dq").form, reselect);
  if (inside) listen(by("pq").form, () => inside.filter((row) => words("pq").every((word) => row.text.includes(word))));

  // What is around one device: it and what is within some cables of it, a row each as in the pictures of sites.
  const ROW = 30;
  const STEP = 26;
  const MOST = 300;
  const OFFERED = 20;
  const shape = (tag, props, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(props)) node.setAttribute(name, String(value));
    node.textContent = text;
    return node;
  };
  const ways = new Map();
  const way = (one, other, port) => {
    if (!ways.has(one)) ways.set(one, []);
    ways.get(one).push([other, T[port]]);
  };
  for (const [one, other, port, far] of data.cables) {
    way(one, other, port);
    way(other, one, far);
  }
  const called = (row) => [...new Set([row.device, row.site, row.address])].filter(Boolean).join(" · ");
  const start = (text) => {
    const marks = (row) => [called(row), row.device, row.address, row.serial, ...row.mac.split(" ")];
    const wired = [...ways.keys()].sort((one, other) => one - other);
    const exact = wired.filter((at) => marks(devices[at]).some((mark) => mark.toLowerCase() === text));
    return exact.length ? exact : wired.filter((at) => text.split(/\s+/).every((word) => devices[at].text.includes(word)));
  };
  const around = (first, hops) => {
    const near = new Map([[first, { depth: 0, port: "", below: [] }]]);
    for (const [at, place] of near) {
      if (place.depth === hops) continue;
      for (const [other, port] of [...ways.get(at)].sort((one, next) => collator.compare(one[1], next[1]))) {
        if (near.has(other)) continue;
        near.set(other, { depth: place.depth + 1, port, below: [] });
        place.below.push(other);
      }
    }
    return near;
  };
  const flat = (near, first) => {
    const rows = [];
    const stack = [[first, null]];
    while (stack.length && rows.length < MOST) {
      const [at, above] = stack.pop();
      const line = { ...near.get(at), row: devices[at], above, y: 1 + rows.length * ROW };
      rows.push(line);
      stack.push(...[...line.below].reverse().map((other) => [other, line]));
    }
    return rows;
  };
  const draw = (rows, label) => {
    const svg = shape("svg", { class: "net", role: "group", "aria-label": label });
    by("n-picture").replaceChildren(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${label}, drawing` }, svg));
    for (const line of rows) {
      line.x = 1 + line.depth * STEP;
      line.name = shape("text", { x: line.x + 8, y: line.y + 15 }, line.row.device);
      line.box = shape("rect", { class: VERDICTS.slice(1).findLast((word) => line.row.makers.includes(word)) || "plain", x: line.x, y: line.y, height: 22, rx: 4 });
      line.note = shape("text", { class: "number", y: line.y + 15 }, [line.port && `on ${line.port}`, line.row.makers].filter(Boolean).join(" · "));
      if (line.above) svg.append(shape("path", { d: `M${line.above.x + 10} ${line.above.y + 22}V${line.y + 11}H${line.x}` }));
      svg.append(line.box, line.name, line.note);
    }
    // Widths are measured once all words are there, so that the browser lays them out once.
    const widths = rows.map((line) => [line.name.getComputedTextLength(), line.note.getComputedTextLength()]);
    let width = 0;
    rows.forEach((line, index) => {
      const [name, note] = widths[index];
      line.box.setAttribute("width", name + 16);
      line.note.setAttribute("x", line.x + name + 24);
      width = Math.max(width, line.x + name + note + 32);
    });
    const size = { width: Math.ceil(width), height: rows.length * ROW };
    for (const [name, value] of Object.entries(size)) svg.setAttribute(name, value);
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  };
  const show = () => {
    by("n-hops").value ||= "2";
    const text = by("n-start").value.trim().toLowerCase();
    const able = text ? start(text) : [];
    by("n-devices").replaceChildren(...able.slice(0, OFFERED).map((at) => make("option", { value: called(devices[at]) })));
    by("n-picture").replaceChildren();
    by("n-status").textContent = !text || able.length === 1 ? ""
      : able.length ? `${count(able.length)} devices are meant; choose one of them.` : "No device with a cable is called so.";
    if (able.length !== 1) return;
    const near = around(able[0], Number(by("n-hops").value));
    const rows = flat(near, able[0]);
    const label = `${called(devices[able[0]])}: ${count(near.size - 1)} within ${by("n-hops").value} ${by("n-hops").value === "1" ? "cable" : "cables"}`;
    draw(rows, label);
    by("n-status").textContent = near.size > rows.length ? `${label}; the first ${count(rows.length)} are drawn.` : `${label}.`;
  };
  if (by("around")) {
    by("around").hidden = false;
    listen(by("around"), show);
  }

  // Paper has no pages to turn: print every finding that passes the filters, the evidence of those that are unfolded, every clause,
  // every failure, and every device; where devices are too many for paper, those of which nobody knows anything yet.
  const clauses = document.querySelector("details.clauses");
  const folded = clauses && !clauses.open;
  const unknown = (row) => row.outcome === "undetermined" || row.outcome === "unread";
  addEventListener("beforeprint", () => {
    if (clauses) clauses.open = true;
    grid.show(true);
    failures.show(true);
    if (inside && inside.rows.filter(inside.wanted).length <= PRINT_ROWS) inside.show(true);
    const { wanted } = inventory;
    if (inventory.rows.filter(wanted).length <= PRINT_ROWS) inventory.show(true);
    else {
      inventory.wanted = (row) => wanted(row) && unknown(row);
      inventory.show(true);
      inventory.wanted = wanted;
      inventory.told.append("; paper has room for the undetermined and unread only, the workbook lists every device");
    }
  });
  addEventListener("afterprint", () => {
    if (clauses && folded) clauses.open = false;
    for (const one of [grid, failures, inventory, inside]) if (one) one.show();
  });
})();
