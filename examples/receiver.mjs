// A receiver of webhooks with nothing to install: check, answer, and only then do the work.
//
// WEBHOOK_SECRET=whsec_... node receiver.mjs 9000

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

const SECRET = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const TOLERANCE_SECONDS = 300;
const MOST_BYTES = 1_000_000;
const MOST_IDS = 100_000;

// In memory, so that there is nothing to install. To lose nothing in a crash, write the message and its id
// into a table of yours before you answer, as receiver.py does.
const seen = new Set();

/** Do the work: this is yours to write. */
function handle(message) {
  console.log(message.type, JSON.stringify(message.data));
}

/** Whether this id comes for the first time, among the latest. */
function isNew(id) {
  if (seen.has(id)) return false;
  seen.add(id);
  if (seen.size > MOST_IDS) seen.delete(seen.values().next().value); // the oldest: a Set keeps the order
  return true;
}

/** Whether it was signed with our secret, and not long ago; body: the very bytes that came. */
function isGenuine(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures = "" } = headers;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - timestamp) > TOLERANCE_SECONDS) return false;
  const digest = createHmac("sha256", SECRET).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${digest}`);
  // There are several while a secret is being changed.
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

async function receive(request, response) {
  if (request.method !== "POST") return response.writeHead(405).end();
  if (!(request.headers["content-length"] <= MOST_BYTES)) return response.writeHead(413, { connection: "close" }).end();
  const body = await buffer(request);
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  response.writeHead(204).end();
  if (isNew(request.headers["webhook-id"])) setImmediate(handle, JSON.parse(body));
}

const server = createServer((request, response) =>
  receive(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  }),
);
server.listen(Number(process.argv[2]), "127.0.0.1");
