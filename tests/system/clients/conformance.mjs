// Holds a running suite against its own /openapi.json, of which alone it knows
// the API: every example in the document fits its schema, every operation is
// called as its examples say, and every answer has a status, headers and a body
// that the document has. Prints what is not so and exits with 1.
//
//   node conformance.mjs PORT SUFFIX SERVICE_CREDENTIAL
//
// SUFFIX makes what is created here unlike what others create.
import http from 'node:http';
import { checkExamples } from './conformance_examples.mjs';
import { misuses } from './conformance_misuse.mjs';
import { Contract } from './conformance_contract.mjs';

const [port, suffix, credential] = process.argv.slice(2);
const problems = [];
let answers = 0;

// Resolves to {status, headers, body: Buffer}. A stream is left after its first
// line.
function send({ method, target, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port, host: '127.0.0.1', method, path: target, headers }, (response) => {
        const chunks = [];
        const done = () => resolve({
          status: response.statusCode, headers: response.headers,
          body: Buffer.concat(chunks),
        });
        const streams = /ndjson|event-stream/.test(response.headers['content-type']);
        response.on('data', (chunk) => {
          chunks.push(chunk);
          if (streams && chunk.includes('\n')) {
            done();
            request.destroy();
          }
        });
        response.on('end', done);
      });
    request.on('error', reject);
    request.end(body);
  });
}

// What the examples name, and what it is called here. A name is translated
// segment by segment.
const known = new Map([
  ['lathe-work', `lathe-work-${suffix}`],
  ['ada', `ada-${suffix}`],
  ['ada@example.org', `ada-${suffix}@example.org`],
  ['discussions:4d9c2e71b80f', `discussions:${credential}`],
]);

function translated(value) {
  if (typeof value === 'string') {
    return value.split('/').map((part) => known.get(part) ?? part).join('/');
  }
  if (Array.isArray(value)) return value.map(translated);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, translated(member)]));
}

// Names and refresh tokens that were given out instead of those of an example.
function learn(example, live) {
  for (const [key, value] of Object.entries(example ?? {})) {
    const given = live?.[key];
    if (given === undefined) continue;
    if (typeof value === 'object') learn(value, given);
    if (key !== 'name' && key !== 'refreshToken') continue;
    const parts = given.split('/');
    value.split('/').forEach((part, i) => {
      if (part !== parts[i]) known.set(part, parts[i]);
    });
  }
}

// Sends a request about an operation and checks the answer; `expected` is a
// status or a list of them.
async function ask(contract, operation, request, expected, what) {
  const answer = await send(request);
  answers += 1;
  const found = contract.problemsOf(operation, request, answer);
  if (![expected].flat().includes(answer.status)) {
    found.push(`is ${answer.status} and not ${expected}: ${answer.body.subarray(0, 300)}`);
  }
  for (const problem of found) problems.push(`${operation.operationId}, ${what}: ${problem}`);
  return answer;
}

// What others need goes first and is learnt from; what takes something away
// goes last.
const first = ['CreateSession', 'CreateCommunity', 'CreateMembership', 'CreateThread',
  'CreatePost', 'CreateResource', 'UploadResource'];
const last = ['DeleteMembership'];
const isOneOf = (names) => (operation) => names.includes(operation.operationId);

// Ada does what the examples do; Bob joins.
async function signUp(contract, handle) {
  const operation = contract.find('RegisterMember');
  const request = contract.exampleOf(operation, translated);
  request.body = JSON.stringify(
    { ...JSON.parse(request.body), handle, email: `${handle}@example.org` });
  const answer = await ask(contract, operation, request, 200, `as ${handle}`);
  return { operation, live: JSON.parse(answer.body) };
}

async function main() {
  const response = await send({ method: 'GET', target: '/openapi.json' });
  const contract = new Contract(JSON.parse(response.body));
  problems.push(...checkExamples(contract));

  const ada = await signUp(contract, `ada-${suffix}`);
  const bob = await signUp(contract, `bob-${suffix}`);
  learn(contract.answerExampleOf(ada.operation), ada.live);
  const membership = contract.find('CreateMembership');
  known.set(contract.answerExampleOf(membership).name.split('/').pop(),
    bob.live.member.name.split('/').pop());
  contract.token = ada.live.accessToken;

  const tryOut = async (operation) => {
    const request = contract.exampleOf(operation, translated);
    if (operation === membership) {
      request.headers.Authorization = `Bearer ${bob.live.accessToken}`;
    }
    const answer = await ask(contract, operation, request, 200, 'as in its example');
    if (!isOneOf(first)(operation) || answer.status !== 200) return;
    learn(contract.answerExampleOf(operation), JSON.parse(answer.body));
  };
  const rest = contract.operations.filter(
    (operation) => operation !== ada.operation && !isOneOf([...first, ...last])(operation));
  for (const id of first) await tryOut(contract.find(id));
  for (const operation of rest) await tryOut(operation);
  for (const operation of contract.operations) {
    const request = contract.exampleOf(operation, translated);
    for (const misuse of misuses(contract, operation, request)) {
      await ask(contract, operation, misuse.request, misuse.expected, misuse.what);
    }
  }
  for (const id of last) await tryOut(contract.find(id));
  console.error(`${contract.operations.length} operations, ${answers} answers, `
    + `${problems.length} problems`);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length > 0 ? 1 : 0);
}

await main();
