// Reads and tries the API in the page at /docs, in Chromium, with the policy of
// the page at work. Says what is wrong and exits with 1.
//
//   node docs_page.mjs PORT SUFFIX [SCREENSHOT.png]
import { launch, open } from './browser.mjs';

const [port, suffix, screenshot] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const problems = [];

async function register() {
  const response = await fetch(`${origin}/v1/members:register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ handle: `ada-${suffix}`, email: `ada-${suffix}@example.org`,
      password: 'a long enough one' }),
  });
  return (await response.json()).accessToken;
}

async function authorize(page, token) {
  await page.click('.auth-wrapper .authorize');
  await page.waitForSelector('.auth-container input');
  await page.focus('.auth-container input');
  await page.keyboard.sendCharacter(token);
  await page.click('.auth-container .authorize');
  await page.waitForSelector('.auth-container .btn-done, .auth-container .modal-btn');
  await page.click('.auth-container .btn-done');
}

// Tries an operation with its example, but for the parameters given, and
// answers the status that the page shows.
async function tryOut(page, operation, parameters = {}) {
  const block = `#operations-${operation}`;
  await page.click(`${block} .opblock-summary-control`);
  await page.waitForSelector(`${block} .try-out__btn`);
  await page.click(`${block} .try-out__btn`);
  for (const [name, value] of Object.entries(parameters)) {
    const input = `${block} tr[data-param-name="${name}"] input`;
    await page.waitForSelector(input);
    await page.click(input, { clickCount: 3 });
    await page.type(input, value);
  }
  await page.waitForSelector(`${block} .execute`);
  await page.click(`${block} .execute`);
  const shown = `${block} .live-responses-table .response .response-col_status`;
  await page.waitForSelector(shown);
  return page.$eval(shown, (element) => parseInt(element.textContent, 10));
}

function expect(what, actual, wanted) {
  if (actual !== wanted) problems.push(`${what} is ${actual} and not ${wanted}`);
}

async function readAndTry(browser, token) {
  const page = await open(browser, origin, problems, { width: 1280, height: 900 });
  await page.goto(`${origin}/docs`, { waitUntil: 'networkidle0' });
  expect('the address', page.url(), `${origin}/docs/`);
  expect('the title', await page.title(), 'Praxis API');
  await page.waitForSelector('.opblock');
  const document = await (await fetch(`${origin}/openapi.json`)).json();
  expect('the number of operations', (await page.$$('.opblock')).length,
    Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length);
  await authorize(page, token);
  expect('GetMember', await tryOut(page, 'MemberService-GetMember'), 200);
  const community = { communityId: `docs-${suffix}` };
  expect('CreateCommunity',
    await tryOut(page, 'CommunityService-CreateCommunity', community), 200);
  expect('cookies', (await page.cookies()).length, 0);
  if (screenshot !== undefined) await picture(page);
  await page.close();
}

async function picture(page) {
  await page.click('#operations-MemberService-GetMember .opblock-summary-control');
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: screenshot });
}

async function readOnAPhone(browser) {
  const page = await open(browser, origin, problems,
    { width: 390, height: 844, isMobile: true });
  await page.goto(`${origin}/docs/`, { waitUntil: 'networkidle0' });
  await page.waitForSelector('.opblock');
  await page.click('#operations-ThreadService-CreateThread .opblock-summary-control');
  await page.waitForSelector('.opblock-body');
  expect('the width on a phone',
    await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await page.close();
}

const browser = await launch();
try {
  await readAndTry(browser, await register());
  await readOnAPhone(browser);
} catch (error) {
  problems.push(error.stack);
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
