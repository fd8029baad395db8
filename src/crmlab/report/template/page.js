// Tables are searched, sorted and downloaded, and a page says how old it is. Without this script everything can still be read.
"use strict";
const lang = document.documentElement.lang;
const key = (cell) => {
  const value = cell.querySelector("data, time");
  if (!value) return cell.textContent.trim();
  return value.tagName === "DATA" ? Number(value.value) : value.dateTime;
};
const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), lang, { numeric: true });
const known = (cell) => cell.textContent.trim() !== "–";

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      const keys = new Map(rows.map((row) => [row, key(row.cells[place])]));
      rows.sort((a, b) => known(b.cells[place]) - known(a.cells[place]) || (down ? -1 : 1) * compare(keys.get(a), keys.get(b)));
      table.tBodies[0].append(...rows);
    });
  });
}

function searchable(table, tools) {
  const field = tools.querySelector("input"), found = tools.querySelector(".found"), rows = [...table.tBodies[0].rows];
  field.addEventListener("input", () => {
    const asked = field.value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(asked); });
    found.textContent = asked ? `${rows.filter((row) => !row.hidden).length} / ${rows.length}` : "";
  });
}

// A spreadsheet takes a text that begins so for a formula.
const cellText = (cell) => {
  const value = cell.querySelector("data, time"), text = cell.textContent.trim();
  if (value && value.textContent.trim() === text) return value.tagName === "DATA" ? value.value : value.dateTime;
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
};
const quoted = (text) => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function downloadable(table, tools) {
  tools.querySelector("button").addEventListener("click", () => {
    const rows = [...table.rows].filter((row) => !row.hidden);
    const text = rows.map((row) => [...row.cells].map((cell) => quoted(cellText(cell))).join(",")).join("\r\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
    link.download = tools.dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

document.querySelectorAll(".tools").forEach((tools) => {
  const table = tools.parentElement.querySelector("table");
  tools.hidden = false;
  sortable(table);
  searchable(table, tools);
  downloadable(table, tools);
});

document.querySelectorAll(".age").forEach((age) => {
  const days = Math.floor((Date.now() - new Date(`${age.dataset.day}T00:00:00`)) / 86400000);
  if (days < 1) return;
  age.querySelector(".days").textContent = age.dataset.said.replace("#", new Intl.NumberFormat(lang).format(days));
  age.querySelector(".late").hidden = days <= Number(age.dataset.late);
  age.hidden = false;
});
