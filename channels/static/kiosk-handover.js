// A QR code that takes the conversation to the citizen's phone.

import { $, closed } from "./kiosk-dom.js";
import { request } from "./kiosk-net.js";

const LOOK = 3000; // ms
const GOODBYE = 10_000; // ms

let code = ""; // address of the offer, while one may still be taken

const address = (session) => `/api/v1/chat/sessions/${encodeURIComponent(session)}/handover`;

// Whether a phone has gone on with the conversation, which then is no longer this machine's to delete.
export async function isTaken(session) {
  if (!session || code !== address(session)) return false;
  return request(code, { patience: 3000 }).then(({ taken }) => taken, () => true);
}

// `leave` forgets the conversation here, not on the server.
export async function handOver(session, leave) {
  const dialog = $("handover");
  const say = (words) => { $("handover-left").textContent = words; };
  let timers = [];
  const stop = () => { timers.forEach(clearInterval); timers = []; };
  $("handover-code").removeAttribute("src");
  say("正在生成二维码……");
  closed(dialog).then(stop);
  try {
    const { svg, expires_at: until } = await request(address(session), { method: "POST" });
    code = address(session);
    $("handover-code").src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    const count = () => {
      const left = Math.max(0, Math.round((Date.parse(until) - Date.now()) / 1000));
      say(left ? `二维码还有 ${Math.floor(left / 60)} 分 ${left % 60} 秒有效，只能用一次。` : "二维码过期了，请关闭后重新生成。");
      if (!left) stop();
    };
    count();
    timers = [setInterval(count, 1000), setInterval(async () => {
      const { taken } = await request(code).catch(() => ({ taken: false }));
      if (!taken || !timers.length) return;
      stop();
      for (const over of [$("handover-code"), $("handover-text"), dialog.querySelector("form")]) over.hidden = true;
      say("已经转到手机上了，请在手机上接着聊。这台机器上的内容 10 秒后清除。");
      setTimeout(leave, GOODBYE);
    }, LOOK)];
  } catch (error) {
    say(error.citizen || "没能生成二维码，请稍后再试。");
  }
}
