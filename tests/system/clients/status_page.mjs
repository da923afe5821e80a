// Reads the page at /status in Chromium while the API is being called. Says
// what is wrong and exits with 1.
//
//   node status_page.mjs API_PORT ADMIN_PORT [FOLDER_OF_SCREENSHOTS]
import { launch, open } from './browser.mjs';

const [apiPort, adminPort, folder] = process.argv.slice(2);
const api = `http://127.0.0.1:${apiPort}`;
const origin = `http://127.0.0.1:${adminPort}`;
const held = `${origin}/status?refresh=off`;
const problems = [];
// The page takes a sample every ten seconds.
const patience = 60_000;

function expect(what, actual, wanted) {
  if (actual !== wanted) problems.push(`${what} is ${actual} and not ${wanted}`);
}

// Calls the API until it is told to stop.
function load() {
  let going = true;
  const call = async () => {
    while (going) await (await fetch(`${api}/v1/communities/-/threads`)).text();
  };
  const callers = [call(), call()];
  return () => { going = false; return Promise.all(callers); };
}

// The sum of a counter over the series that `matches`.
async function metric(name, matches) {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) && matches(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

const isPage = (series) => /upstream="gateway"/.test(series) && !/route=""/.test(series);
const requests = () => metric('praxis_gateway_requests_total', (s) => !isPage(s));
const errors = () => metric('praxis_gateway_requests_total',
  (s) => !isPage(s) && s.includes('code="5xx"'));

async function numberAt(page, id) {
  const text = await page.$eval(`#${id}`, (element) => element.textContent);
  return Number(text.replace(/[^\d.]/g, ''));
}

// Reads the page again until `wanted` holds of it.
async function awaitPage(page, what, wanted) {
  const end = Date.now() + patience;
  for (;;) {
    await page.goto(held, { waitUntil: 'load' });
    if (await wanted()) return;
    if (Date.now() > end) {
      problems.push(`never: ${what}`);
      return;
    }
  }
}

async function readUnderLoad(page) {
  const stop = load();
  await awaitPage(page, 'a rate', async () => await numberAt(page, 'rate-now') > 0 &&
    await numberAt(page, 'p99-now') > 0);
  expect('the title', await page.title(), 'All is well · Praxis');
  expect('dots at the ends of lines', (await page.$$('.dot')).length, 4);
  await stop();
  // When nobody calls, the page and the metrics must come to the same.
  const total = await requests();
  await awaitPage(page, `${total} requests`,
    async () => await numberAt(page, 'requests-hour') === total);
  expect('errors', await numberAt(page, 'errors-hour'), await errors());
}

async function readServices(page) {
  const health = await (await fetch(`${origin}/healthz?format=json`)).json();
  const rows = await page.$$eval('tbody tr', (all) => all.map((row) =>
    row.cells[0].firstChild.textContent.trim() + ': ' + row.cells[1].textContent));
  expect('the rows', rows.join(), health.checks.map(({ name, status }) =>
    `${name.split('/').slice(1).join('/') || name}: ` + (status !== 'ok' ? 'fails'
      : name.endsWith('/access') ? 'lease held' : 'ok')).join());
}

// Within the page: text that is too faint for its ground (WCAG 2.2, 1.4.3).
function faintTexts() {
  const parsed = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = parsed(color).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((parsed(color)[3] ?? 1) === 1) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
    element.closest('svg') === null && element.checkVisibility()).map((element) => {
    const [a, b] = [luminance(getComputedStyle(element).color),
      luminance(groundOf(element))].sort((x, y) => y - x);
    return { text: element.textContent, contrast: (a + 0.05) / (b + 0.05) };
  }).filter(({ contrast }) => contrast < 4.5);
}

async function readWithoutEyes(page) {
  expect('pictures without a title', await page.$$eval('svg[role=img]', (all) =>
    all.filter((svg) => !svg.querySelector('title')?.textContent).length), 0);
  expect('other pictures that are not hidden', await page.$$eval(
    'svg:not([role=img])', (all) =>
      all.filter((svg) => svg.getAttribute('aria-hidden') !== 'true').length), 0);
  expect('headers without a scope', (await page.$$('th:not([scope])')).length, 0);
  expect('languages', await page.$eval('html', (html) => html.lang), 'en');
}

async function readIn(browser, scheme, width, height) {
  const page = await open(browser, origin, problems, { width, height, isMobile: width < 500 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(held, { waitUntil: 'load' });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(`the width in ${width}`, wide, width);
  for (const { text, contrast } of await page.evaluate(faintTexts)) {
    problems.push(`"${text}" has a contrast of ${contrast} (${scheme})`);
  }
  if (folder !== undefined) {
    await page.screenshot({ path: `${folder}/status-${scheme}-${width}.png`,
      fullPage: width < 500 });
  }
  await page.close();
}

const browser = await launch();
try {
  const page = await open(browser, origin, problems, { width: 1280, height: 900 });
  await page.goto(`${origin}/status`, { waitUntil: 'load' });
  expect('refresh', await page.$eval('meta[http-equiv=refresh]', (meta) => meta.content), '10');
  await readUnderLoad(page);
  await readServices(page);
  await readWithoutEyes(page);
  for (const scheme of ['light', 'dark']) {
    await readIn(browser, scheme, 1280, 900);
    await readIn(browser, scheme, 390, 844);
    await readIn(browser, scheme, 360, 740);
  }
} catch (error) {
  problems.push(error.stack);
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
