// A headless Chromium, and a page of an origin that is not the server's.

import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { chromium } from 'playwright-core';

import { sample } from '../harness/content.mjs';

const FILES = {
  '/': ['text/html', new URL('page.html', import.meta.url)],
  '/page.js': ['text/javascript', new URL('page.js', import.meta.url)],
  '/tus.js': [
    'text/javascript',
    new URL('../node_modules/tus-js-client/dist/tus.min.js', import.meta.url),
  ],
};
const CONTENT = /^\/content\/(\d+)$/;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? installed(),
    // Only a page of ours is opened, from loopback; a sandbox is not to be had in every container.
    chromiumSandbox: false,
    args: ['--no-proxy-server'],
  });
}

/** The path, on the page's origin, of `sample(size)`. */
export const contentPath = (size) => `/content/${size}`;

/** Opens the page in a profile of its own; page and profile go with the test `t`. */
export async function openPage(t, browser) {
  const site = createServer(answer);
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    site.close();
    site.closeAllConnections();
  });
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`http://localhost:${site.address().port}/`);
  return page;
}

async function answer({ url }, response) {
  const content = CONTENT.exec(url);
  if (content) {
    response.end(sample(Number(content[1])));
  } else if (FILES[url]) {
    const [type, path] = FILES[url];
    response.setHeader('Content-Type', type);
    response.end(await readFile(path));
  } else {
    response.writeHead(404).end();
  }
}

function installed() {
  return execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
}
