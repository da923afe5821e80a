// Watches a community with the browser's own EventSource, in a page of the
// gateway's origin, and prints what that page sees: "open" and "lost" as the
// connection comes and goes, and the type, id and name of each event. Runs until
// SIGTERM.
//
//   node event_source.mjs PORT TARGET
import { launch } from './browser.mjs';

const [port, target] = process.argv.slice(2);
const browser = await launch();
process.on('SIGTERM', async () => {
  await browser.close();
  process.exit(0);
});

const page = await browser.newPage();
await page.exposeFunction('tell', (line) => console.log(line));
// Whatever the gateway answers here, it is a page of its origin.
await page.goto(`http://127.0.0.1:${port}/v1`);
await page.evaluate((url) => {
  const source = new EventSource(url);
  source.onopen = () => window.tell('open');
  source.onerror = () => window.tell('lost');
  for (const type of ['thread.created', 'post.created']) {
    source.addEventListener(type, (event) => {
      const { name } = JSON.parse(event.data);
      window.tell(`${type} ${event.lastEventId} ${name}`);
    });
  }
}, target);
