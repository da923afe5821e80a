// Calls the services of a suite with @grpc/grpc-js, whose messages are loaded
// from the descriptor set of the contracts. Prints what came of each call as a
// line of JSON {"call", "ok" or "code", ...}.
//
//   node grpc.mjs IMAGE DISCUSSIONS RESOURCES TOKEN THREAD RESOURCE
//
// DISCUSSIONS and RESOURCES are addresses that serve gRPC.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tools/package.json', import.meta.url));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const [image, discussions, resources, token, thread, resource] = process.argv.slice(2);
const { praxis } = grpc.loadPackageDefinition(
  loader.loadFileDescriptorSetFromBuffer(fs.readFileSync(image)));
const insecure = grpc.credentials.createInsecure();
const threads = new praxis.discussions.v1.ThreadService(discussions, insecure);
const events = new praxis.discussions.v1.EventService(discussions, insecure);
const files = new praxis.resources.v1.ResourceService(resources, insecure);
const signedIn = new grpc.Metadata();
signedIn.set('authorization', `Bearer ${token}`);

// google.rpc.Status, as far as it is looked at here.
const { root } = protobuf.parse(`syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; }`);

function reasonOf(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (bytes === undefined) return undefined;
  const status = root.lookupType('Status').decode(bytes);
  const info = status.details.find((any) => any.typeUrl.endsWith('/google.rpc.ErrorInfo'));
  return root.lookupType('ErrorInfo').decode(info.value).reason;
}

async function tell(call, work) {
  try {
    console.log(JSON.stringify({ call, ok: await work() }));
  } catch (error) {
    console.log(JSON.stringify({
      call, code: grpc.status[error.code], message: error.details, reason: reasonOf(error),
    }));
  }
}

function unary(client, method, request, metadata = signedIn) {
  return new Promise((resolve, reject) => {
    client[method](request, metadata, { deadline: Date.now() + 5000 },
      (error, response) => (error ? reject(error) : resolve(response)));
  });
}

async function download(name) {
  let bytes = 0;
  let messages = 0;
  for await (const chunk of files.DownloadResource({ name }, signedIn)) {
    bytes += chunk.data.length;
    messages += 1;
  }
  return { bytes, streamed: messages > 1 };
}

// Watches until something happens, and makes it happen.
async function watch(community) {
  const stream = events.WatchEvents({ parent: community }, signedIn);
  const begun = [];
  for await (const event of stream) {
    if (event.type) {
      stream.cancel();
      return { type: event.type, begun: begun.length > 0 };
    }
    if (begun.push(event.number) === 1) {
      await unary(threads, 'CreateThread', { parent: community, thread: aThread });
    }
  }
  return 'ended';
}

const aThread = { title: 'By gRPC', body: 'It works.', kind: 1 };
const parent = thread.replace(/\/threads\/.*/, '');
await tell('read', async () => (await unary(threads, 'GetThread', { name: thread })).title);
await tell('write', async () => (await unary(threads, 'CreateThread',
  { parent, thread: aThread })).title);
await tell('missing', () => unary(threads, 'GetThread', { name: `${parent}/threads/none` }));
await tell('anonymous', () => unary(
  threads, 'CreateThread', { parent, thread: { title: 'x' } }, new grpc.Metadata()));
await tell('invalid', () => unary(threads, 'CreateThread', { parent, thread: {} }));
await tell('stream', () => download(resource));
await tell('stream-missing', () => download(`${parent}/resources/none`));
await tell('watch', () => watch(parent));
await tell('watch-missing', () => watch('communities/none'));
for (const client of [threads, files, events]) client.close();
