// Chromium, and a watch over what its pages do.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tools/package.json', import.meta.url));
const puppeteer = require('puppeteer-core');

export function launch(...flags) {
  return puppeteer.launch({
    executablePath: execFileSync('which', ['chromium']).toString().trim(),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...flags],
  });
}

// A new page, this wide and high. Whatever it does that it should not goes to
// `problems`: errors, breaches of its policy, requests to other than `origin`.
export async function open(browser, origin, problems, viewport) {
  const page = await browser.newPage();
  await page.setViewport(viewport);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      problems.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) problems.push(`asks ${url}`);
  });
  await page.exposeFunction('blocked', (what) => problems.push(`policy: ${what}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.blocked(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  return page;
}
