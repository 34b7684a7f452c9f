"use strict";
// Shows notes and what is in a cell, follows the #gid of the address, and refreshes without losing the place.
const shell = document.getElementById("shell");
const tip = document.getElementById("tip");
let tag = shell.dataset.tag;
let picked = null;

function address(rows) {
  const hash = new URLSearchParams(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  if (hash.has("gid")) query.set("gid", hash.get("gid"));
  if (rows) query.set("rows", rows);
  return location.pathname + "?" + query;
}

function show(cell) {
  const name = shell.querySelector(".bar b");
  const text = shell.querySelector(".bar output");
  shell.querySelectorAll(".picked").forEach((other) => other.classList.remove("picked"));
  picked = cell ? cell.dataset.at : null;
  if (cell) cell.classList.add("picked");
  name.textContent = picked || "";
  text.textContent = cell ? cell.dataset.is : "";
}

async function refresh(url, force) {
  const answer = await fetch(url, { headers: force ? {} : { "If-None-Match": tag } });
  if (answer.status !== 200) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("shell");
  if (!fresh) return;
  const old = shell.querySelector("main");
  const [left, top, tabs] = [old.scrollLeft, old.scrollTop, shell.querySelector("nav.tabs").scrollLeft];
  const same = shell.dataset.gid === fresh.dataset.gid;
  const keep = picked;
  shell.replaceChildren(...fresh.childNodes);
  shell.dataset.gid = fresh.dataset.gid;
  shell.dataset.rows = fresh.dataset.rows;
  tag = answer.headers.get("ETag");
  shell.querySelector("nav.tabs").scrollLeft = tabs;
  if (same) {
    shell.querySelector("main").scrollTo(left, top);
    const cell = keep && shell.querySelector(`td[data-at="${keep}"]`);
    if (cell) show(cell);
  }
}

document.addEventListener("click", (event) => {
  const more = event.target.closest(".more a");
  if (more) {
    event.preventDefault();
    refresh(address(new URL(more.href).searchParams.get("rows")), true);
    return;
  }
  const cell = event.target.closest("td[data-at]");
  if (cell && !event.target.closest("a")) show(cell);
});

document.addEventListener("pointerover", (event) => {
  const cell = event.target.closest("td[data-note]");
  tip.hidden = !cell;
  if (!cell) return;
  tip.textContent = cell.dataset.note;
  const place = cell.getBoundingClientRect();
  tip.style.left = Math.min(place.right + 4, innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.top = Math.max(8, Math.min(place.top, innerHeight - tip.offsetHeight - 8)) + "px";
});

addEventListener("hashchange", () => refresh(address(), true));
if (location.hash.includes("gid=")) refresh(address(), true);
setInterval(() => {
  if (!document.hidden) refresh(address(shell.dataset.rows), false).catch(() => {});
}, 2000);
