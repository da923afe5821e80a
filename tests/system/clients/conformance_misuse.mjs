// How else an operation can be called, mostly wrongly, and what must come of it.

const kBodyBytesMax = 1 << 20;

const withQuery = (target, query) => target + (target.includes('?') ? '&' : '?') + query;

// A method that the path does not take.
function otherMethod(contract, operation) {
  const taken = Object.keys(contract.document.paths[operation.path]);
  return ['PUT', 'DELETE', 'PATCH', 'POST'].find((m) => !taken.includes(m.toLowerCase()));
}

function* bodyMisuses(operation, request) {
  if (operation.requestBody?.content['application/json'] === undefined) return;
  const change = (body, headers = {}) =>
    ({ ...request, body, headers: { ...request.headers, ...headers } });
  yield { what: 'with half of a body', request: change('{"'), expected: 400 };
  yield { what: 'with a field that is none', request: change('{"noSuchField":1}'), expected: 400 };
  yield { what: 'with a body of text', expected: 415,
    request: change(request.body, { 'Content-Type': 'text/plain' }) };
  yield { what: 'with a body that is too large', expected: 413,
    request: change(' '.repeat(kBodyBytesMax) + request.body) };
}

function* tokenMisuses(operation, request) {
  const needsToken = operation.security.every((way) => Object.keys(way).length > 0);
  const { Authorization, ...without } = request.headers;
  if (needsToken) {
    yield { what: 'without a token', request: { ...request, headers: without }, expected: 401 };
  }
  yield { what: 'with a token that is none', expected: 401,
    request: { ...request, headers: { ...without, Authorization: 'Bearer none' } } };
}

function* conditions(contract, operation, request) {
  const takes = (name) =>
    contract.parametersOf(operation).some(({ value }) => value.name === name);
  const and = (headers) => ({ ...request, headers: { ...request.headers, ...headers } });
  if (takes('If-Match')) {
    yield { what: 'with an old etag', request: and({ 'If-Match': '"v0"' }), expected: 412 };
  }
  if (takes('If-None-Match')) {
    yield { what: 'of what is known', request: and({ 'If-None-Match': '*' }), expected: 304 };
  }
  if (takes('fields')) {
    yield { what: 'for fields that are none', expected: 400,
      request: { ...request, target: withQuery(request.target, 'fields=noSuchField') } };
  }
}

// Each form that a stream has and that shows itself before its end.
function* forms(operation, request) {
  const types = Object.keys(operation.responses['200'].content ?? {});
  for (const type of types.filter((name) => /ndjson|event-stream/.test(name))) {
    yield { what: `as ${type}`, expected: 200,
      request: { ...request, headers: { ...request.headers, Accept: type } } };
  }
}

// Each {what, request, expected}. `request` is one that would do.
export function* misuses(contract, operation, request) {
  const at = (target) => ({ ...request, target });
  const encoded = operation.path.includes('{')
    ? operation.path.replace(/\{[^}]*\}/g, '%zz') : withQuery(request.target, 'x=%zz');
  yield { what: 'with a broken URL', request: at(encoded), expected: 400 };
  yield { what: 'with a broken URL, as a problem', expected: 400,
    request: { ...at(encoded),
      headers: { ...request.headers, Accept: 'application/problem+json' } } };
  yield { what: 'with a parameter that is none', expected: 400,
    request: at(withQuery(request.target, 'noSuchParameter=1')) };
  yield { what: 'by another method', expected: 405,
    request: { ...request, method: otherMethod(contract, operation) } };
  if (operation.method === 'GET') {
    yield { what: 'by HEAD', request: { ...request, method: 'HEAD' }, expected: 200 };
  }
  yield* bodyMisuses(operation, request);
  yield* tokenMisuses(operation, request);
  yield* conditions(contract, operation, request);
  yield* forms(operation, request);
}
