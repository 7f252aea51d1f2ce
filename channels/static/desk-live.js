// The conversation on a ticket's page. A module: run once, however often the fragment is fetched.

// A stream that was opened anew begins where the page began: what is shown already is not shown again.
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const { type, lastEventId } = event.detail;
  if (type === "message" && document.getElementById(`message-${lastEventId}`)) event.preventDefault();
});

const toEnd = () => {
  for (const list of document.querySelectorAll("ol.messages")) list.scrollTop = list.scrollHeight;
};
document.addEventListener("htmx:sseMessage", toEnd);
toEnd();

// Ctrl+Enter sends; Enter alone makes a line, as input methods need it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest("#live-say")?.requestSubmit();
});
