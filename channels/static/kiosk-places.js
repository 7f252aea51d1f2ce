// Institutions by service and district.

import { $, element } from "./kiosk-dom.js";
import { request } from "./kiosk-net.js";

const wanted = { service: "", district: "" };

export function setUpPlaces() {
  for (const kind of ["service", "district"]) {
    for (const one of document.querySelectorAll(`#places [data-${kind}]`)) {
      one.addEventListener("click", () => {
        wanted[kind] = wanted[kind] === one.dataset[kind] ? "" : one.dataset[kind];
        look();
      });
    }
  }
}

export async function look() {
  for (const kind of ["service", "district"]) {
    for (const one of document.querySelectorAll(`#places [data-${kind}]`)) one.setAttribute("aria-pressed", one.dataset[kind] === wanted[kind]);
  }
  const query = new URLSearchParams({ limit: 12 });
  for (const [kind, value] of Object.entries(wanted)) if (value) query.set(kind, value);
  try {
    const { items } = await request(`/api/v1/institutions?${query}`);
    $("found").replaceChildren(...items.map(card), ...(items.length ? [] : [element("p", "", "没有符合的机构，可以打 12348 问。")]));
  } catch (error) {
    $("found").replaceChildren(element("p", "", error.citizen));
  }
}

function card(one) {
  const lines = [`${one.district} · ${one.open ? "现在开门" : "现在没开门"} · ${one.hours}`, `地址：${one.address}`, `电话：${one.phone}`, one.covers && `服务范围：${one.covers}`, one.note];
  return element("article", "card", element("h2", "", one.name + (one.sample ? "（示例数据，不是真实机构）" : "")), ...lines.filter(Boolean).map((line) => element("p", "", line)));
}
