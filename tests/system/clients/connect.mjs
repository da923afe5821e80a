// Calls a suite through its gateway with @connectrpc/connect-node, by code that
// protoc-gen-es makes of the contracts here and now. Prints what came of each
// call as a line of JSON {"call", "ok" or "code", ...}.
//
//   node connect.mjs IMAGE FOLDER BASE_URL PROTOCOL CODEC TOKEN THREAD RESOURCE
//
// IMAGE is the descriptor set of the contracts, FOLDER takes the code, or has it
// from a run before. PROTOCOL is connect, connect-get or grpcweb, CODEC json or
// proto.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [image, folder, baseUrl, protocol, codec, token, thread, resource] =
  process.argv.slice(2);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const modules = path.join(root, 'tests/tools/node_modules');

function generate(...from) {
  execFileSync('protoc', [
    `--plugin=${path.join(modules, '.bin/protoc-gen-es')}`, `--es_out=${folder}`,
    '--es_opt=target=js,js_import_style=legacy_commonjs', ...from]);
}

const isNew = !fs.existsSync(folder);
if (isNew) {
  fs.mkdirSync(folder);
  fs.symlinkSync(modules, path.join(folder, 'node_modules'));
}
const require = createRequire(path.join(folder, 'generated.js'));
const { fromBinary } = require('@bufbuild/protobuf');
const { FileDescriptorSetSchema } = require('@bufbuild/protobuf/wkt');
const contracts = fromBinary(FileDescriptorSetSchema, fs.readFileSync(image)).file
  .map((file) => file.name).filter((name) => !name.startsWith('google/protobuf/'));
if (isNew) {
  generate(`--descriptor_set_in=${image}`, ...contracts);
  generate(`-I${path.join(root, 'proto')}`, 'google/rpc/error_info.proto');
}

const { createClient, ConnectError, Code } = require('@connectrpc/connect');
const { createConnectTransport, createGrpcWebTransport } =
  require('@connectrpc/connect-node');
const { EventService } = require('./praxis/discussions/v1/events_pb.js');
const { ThreadService } = require('./praxis/discussions/v1/threads_pb.js');
const { ResourceService } = require('./praxis/resources/v1/resources_pb.js');
const { ErrorInfoSchema } = require('./google/rpc/error_info_pb.js');

const create = protocol === 'grpcweb' ? createGrpcWebTransport : createConnectTransport;
const transport = create({
  baseUrl,
  httpVersion: '1.1',
  useBinaryFormat: codec === 'proto',
  useHttpGet: protocol === 'connect-get',
});
const threads = createClient(ThreadService, transport);
const resources = createClient(ResourceService, transport);
const events = createClient(EventService, transport);
const headers = { Authorization: `Bearer ${token}` };
const signedIn = { headers };

async function tell(call, work) {
  try {
    console.log(JSON.stringify({ call, ok: await work() }));
  } catch (error) {
    const failure = ConnectError.from(error);
    const [info] = failure.findDetails(ErrorInfoSchema);
    console.log(JSON.stringify({
      call, code: Code[failure.code], message: failure.rawMessage, reason: info?.reason,
    }));
  }
}

async function download(name) {
  let bytes = 0;
  let messages = 0;
  for await (const chunk of resources.downloadResource({ name }, signedIn)) {
    bytes += chunk.data.length;
    messages += 1;
  }
  return { bytes, streamed: messages > 1 };
}

// Watches until something happens, and makes it happen.
async function watch(community) {
  const left = new AbortController();
  const begun = [];
  for await (const event of events.watchEvents(
    { parent: community }, { ...signedIn, signal: left.signal })) {
    if (event.type) {
      left.abort();
      return { type: event.type, begun: begun.length > 0 };
    }
    if (begun.push(event.number) === 1) {
      await threads.createThread({ parent: community, thread: aThread }, signedIn);
    }
  }
  return 'ended';
}

const aThread = { title: 'By Connect', body: 'It works.', kind: 1 };
const parent = thread.replace(/\/threads\/.*/, '');
await tell('read', async () => (await threads.getThread({ name: thread }, signedIn)).title);
await tell('write', async () => (await threads.createThread(
  { parent, thread: aThread }, { ...signedIn, timeoutMs: 5000 })).title);
await tell('missing', () => threads.getThread({ name: `${parent}/threads/none` }, signedIn));
await tell('anonymous', () => threads.createThread({ parent, thread: { title: 'x' } }));
await tell('invalid', () => threads.createThread({ parent, thread: {} }, signedIn));
await tell('stream', () => download(resource));
await tell('stream-missing', () => download(`${parent}/resources/none`));
await tell('watch', () => watch(parent));
await tell('watch-missing', () => watch('communities/none'));
