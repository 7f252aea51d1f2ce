// What a worker says in the conversation, as it is said.

const AGAIN = 5000; // ms

let stream = null;

// `anew`: the conversation is another than before.
export function listen(session, anew, hear, after = 0) {
  if (stream && !anew) return;
  stream?.close();
  let heard = after;
  const mine = (stream = new EventSource(`/api/v1/chat/sessions/${encodeURIComponent(session)}/events?after=${heard}`));
  mine.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.id <= heard) return;
    heard = message.id;
    hear(message);
  };
  mine.onerror = () => {
    if (mine.readyState === EventSource.CLOSED && mine === stream) setTimeout(() => mine === stream && listen(session, true, hear, heard), AGAIN);
  };
}

export function stopListening() {
  stream?.close();
  stream = null;
}
