// Reading aloud and listening, only with voices that this machine has itself: nothing spoken or read leaves it.

import { $, button } from "./kiosk-dom.js";

const CHINESE = "zh-CN";
const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

let voice = null;
let reading = false; // every reply, as it comes
let hearing = null;

export const isSpeaking = () => Boolean(window.speechSynthesis?.speaking);

export function setUpVoice(onWords) {
  window.speechSynthesis?.addEventListener?.("voiceschanged", findVoice);
  findVoice();
  $("aloud").addEventListener("click", () => {
    reading = !reading;
    $("aloud").setAttribute("aria-pressed", reading);
    if (reading) speak([...document.querySelectorAll("#log .turn:not(.mine) .bubble")].pop()?.textContent || "好的，我把回答读给您听。");
    else silence();
  });
  setUpListening(onWords);
}

function findVoice() {
  voice = window.speechSynthesis?.getVoices().find((one) => one.localService && one.lang.replace("_", "-").startsWith("zh"));
  $("aloud").hidden = !voice;
}

function speak(words) {
  if (!voice) return;
  silence();
  for (const part of words.match(/[^。！？\n]+[。！？\n]*/g) || []) { // a long text in one piece breaks off in Chromium
    const said = new SpeechSynthesisUtterance(part.replace(/[【】·]/g, " "));
    said.voice = voice;
    said.lang = voice.lang;
    said.rate = 0.9;
    speechSynthesis.speak(said);
  }
}

export function readNew(words) {
  if (reading) speak(words);
}

export function readButton(words) {
  return voice ? [button("读给我听", () => speak(words))] : [];
}

export function silence() {
  window.speechSynthesis?.cancel();
  hearing?.abort();
}

async function setUpListening(onWords) {
  const wanted = { langs: [CHINESE], processLocally: true };
  if (!Recognition?.available || (await Recognition.available(wanted).catch(() => "")) !== "available") return;
  const said = $("listen").textContent;
  $("listen").hidden = false;
  $("listen").addEventListener("click", () => {
    if (hearing) return hearing.stop();
    hearing = Object.assign(new Recognition(), { lang: CHINESE, processLocally: true, interimResults: false });
    hearing.onresult = ({ results }) => onWords(results[0][0].transcript);
    hearing.onend = () => { hearing = null; $("listen").textContent = said; };
    silenceReading();
    hearing.start();
    $("listen").textContent = "请说……说完点这里";
  });
}

function silenceReading() {
  window.speechSynthesis?.cancel();
}
