// What is printed to take along: an answer, a ticket's code and PIN. Never a citizen's own words, name, phone or ID.

import { $, element, labelOf } from "./kiosk-dom.js";

const PERSONAL = /(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)/g; // mobile numbers and ID numbers

export function printAnswer(reply) {
  const lines = reply.citations.map((cited) => element("li", "", element("b", "", labelOf(cited)), cited.quote ? `：${cited.quote}` : ""));
  print("法律咨询回答", [...paragraphs(reply.text), ...basis(lines)]);
}

// An answer from the copy on this machine.
export function printItem(item, drafted) {
  print("法律咨询回答", [...paragraphs(`【${item.question}】\n${item.text}\n${item.reviewed || drafted}`), ...basis(item.citations.map((title) => element("li", "", title)))]);
}

export async function printTicket(code, text) {
  const pin = text.match(/查询码：(\d{6})/)[1];
  const drawn = element("img", "qr");
  drawn.alt = "打开工单页面的二维码";
  drawn.src = `/ticket/qr/${encodeURIComponent(code)}.svg`;
  await drawn.decode().catch(() => drawn.remove());
  print("工单凭条", [
    element("p", "", "工单编号"), element("p", "large-line", code),
    element("p", "", "查询码（请不要给别人看）"), element("p", "large-line", pin),
    drawn, element("p", "", "手机扫码，填查询码，看进度和答复；也可以到自助机点“查工单”，或打 12348。"),
  ]);
}

function paragraphs(text) {
  return text.replace(PERSONAL, "（号码不打印）").split("\n").filter(Boolean).map((line) => element("p", "", line));
}

function basis(lines) {
  return lines.length ? [element("h2", "", "法律依据"), element("ul", "", ...lines)] : [];
}

function print(title, content) {
  const now = new Date().toLocaleString("zh-CN", { dateStyle: "long", timeStyle: "short" });
  const foot = element("p", "foot", `${now} · ${$("place").textContent || "法助自助机"} · 内容由机器生成，未经律师审核，仅供参考 · 法律咨询热线 12348，有危险打 110`);
  $("paper").replaceChildren(element("h1", "", `法助 · ${title}`), ...content, foot);
  window.print();
}
