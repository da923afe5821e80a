// What a web page of another origin can do, in Chromium: Connect, its errors and
// streams, and gRPC-Web, all by fetch(). Prints what came of each call as a line
// of JSON {"call", "ok" or "failed"}.
//
//   node web_page.mjs BASE_URL PAGE_ORIGIN TOKEN THREAD RESOURCE
//
// Nobody listens at PAGE_ORIGIN: the browser is given the page by this script.
import { launch } from './browser.mjs';

const [base, origin, token, thread, resource] = process.argv.slice(2);
// A page that comes from nowhere may not call this machine otherwise.
const browser = await launch('--disable-features=LocalNetworkAccessChecks');
const page = await browser.newPage();
await page.setRequestInterception(true);
page.once('request', (request) => request.respond({
  contentType: 'text/html', body: '<!doctype html><title>A page</title>',
}));
await page.goto(`${origin}/`);
await page.setRequestInterception(false);

const calls = await page.evaluate(async (base, token, thread, resource) => {
  const discussions = `${base}/praxis.discussions.v1.ThreadService`;
  const resources = `${base}/praxis.resources.v1.ResourceService`;
  const post = (url, type, body, headers) => fetch(url, {
    method: 'POST', body,
    headers: { 'Content-Type': type, Authorization: `Bearer ${token}`, ...headers },
  });
  const connect = { 'Connect-Protocol-Version': '1', 'Connect-Timeout-Ms': '5000' };
  const bytes = (text) => new TextEncoder().encode(text);
  const framed = (payload) => {
    const frame = new Uint8Array(5 + payload.length);
    new DataView(frame.buffer).setUint32(1, payload.length);
    frame.set(payload, 5);
    return frame;
  };
  const named = (name) => JSON.stringify({ name });
  const work = {
    connect: async () => (await (await post(
      `${discussions}/GetThread`, 'application/json', named(thread), connect)).json()).title,
    get: async () => (await (await fetch(`${discussions}/GetThread?connect=v1&encoding=json`
      + `&message=${encodeURIComponent(named(thread))}`)).json()).title,
    error: async () => {
      const response = await post(
        `${discussions}/GetThread`, 'application/json', named(`${thread}0`), connect);
      return `${response.status} ${(await response.json()).code}`;
    },
    stream: async () => {
      const { body } = await post(`${resources}/DownloadResource`,
        'application/connect+json', framed(bytes(named(resource))), connect);
      let last = new Uint8Array();
      let size = 0;
      for (const reader = body.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        last = value;
      }
      return { size, end: new TextDecoder().decode(last.slice(-2)) };
    },
    grpcweb: async () => {
      const name = bytes(thread);
      const response = await post(`${discussions}/GetThread`, 'application/grpc-web+proto',
        framed(new Uint8Array([10, name.length, ...name])),
        { 'X-Grpc-Web': '1', 'Grpc-Timeout': '5S', 'X-User-Agent': 'a-page' });
      const body = new Uint8Array(await response.arrayBuffer());
      const size = new DataView(body.buffer).getUint32(1);
      const text = new TextDecoder().decode(body.slice(5, 5 + size));
      const trailers = new TextDecoder().decode(body.slice(10 + size));
      return { found: text.includes('A dull cutter'), flag: body[5 + size], trailers };
    },
  };
  const calls = [];
  for (const [call, run] of Object.entries(work)) {
    try {
      calls.push({ call, ok: await run() });
    } catch (error) {
      calls.push({ call, failed: error.message });
    }
  }
  return calls;
}, base, token, thread, resource);

for (const call of calls) console.log(JSON.stringify(call));
await browser.close();
