// Pads under the conversation, for what buttons cannot say and a touch screen has no keys for.

import { $, button, element } from "./kiosk-dom.js";

const day = (d) => `${+d.slice(0, 4)}年${+d.slice(4, 6)}月${+d.slice(6)}日`;
const grouped = (sizes) => (d) => {
  let rest = d;
  return sizes.map((size) => [rest.slice(0, size), (rest = rest.slice(size))][0]).filter(Boolean).join("-");
};

// `full`: characters it takes to be done; `most`: that it takes at all; `say`: what is sent; `look`: what is seen.
const PADS = {
  phone: { title: "请按出电话号码（座机请带区号）", full: 10, most: 12 },
  pin: { title: "请按出六位查询码", full: 6, most: 6, secret: true },
  code: { title: "请照着按出工单编号，横线不用按", full: 20, most: 22, letters: true, look: grouped([6, 8, 5, 1]) },
  number: { title: "请按出数字", full: 1, most: 12, point: true },
  date: { title: "请按出年月日，共八个数字，例如 20260301", full: 8, most: 8, say: day, look: grouped([4, 2, 2]) },
};
const SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金";

// `say(words, shown)` takes what is pressed. True where there is such a pad.
export function showPad(kind, say) {
  const pad = $("pad");
  pad.hidden = true;
  pad.replaceChildren();
  if (kind in PADS) pad.append(...digits(PADS[kind], say));
  else if (kind === "name") pad.append(...names(say));
  else if (kind === "words") pad.append(element("p", "soft", "可以打字或者说话；不想填就点“跳过”。"));
  else return;
  pad.hidden = false;
}

function digits({ title, full, most, letters, point, secret, look = (d) => d, say: words = (d) => d }, say) {
  let pressed = "";
  const seen = element("output", "seen");
  seen.setAttribute("aria-label", "已经按的");
  const done = button("确定", () => say(words(pressed), secret ? "●●●●●●" : letters ? look(pressed) : words(pressed)), "main done");
  const show = () => {
    seen.value = (secret ? "●".repeat(pressed.length) : look(pressed)) || "　";
    done.disabled = pressed.length < full;
  };
  const press = (key) => { if (pressed.length < most) pressed += key; show(); };
  const key = (name) => button(name, () => press(name), "key");
  const back = button("退一格", () => { pressed = pressed.slice(0, -1); show(); }, "key");
  const clear = button("清空", () => { pressed = ""; show(); }, "key");
  const keys = letters
    ? element("div", "keys letters", ...[..."1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map(key), clear, back)
    : element("div", "keys", ...[..."123456789"].map(key), point ? key(".") : clear, key("0"), back);
  show();
  return [element("p", "pad-title", title), seen, keys, done];
}

function names(say) {
  const titles = (surname) => ["女士", "先生"].map((title) => button(`${surname}${title}`, () => say(`${surname}${title}`), "main"));
  const second = element("div", "picks");
  const first = element("div", "surnames", ...[...SURNAMES].map((surname) => button(surname, () => {
    second.replaceChildren(...titles(surname));
    second.scrollIntoView({ block: "nearest" });
  }, "key")));
  return [element("p", "pad-title", "点您的姓，再点称呼；没有您的姓就打字或选“匿名”"), second, first];
}
