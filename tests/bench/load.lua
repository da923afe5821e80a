-- The requests of one wrk run: wrk ... -s load.lua URL PLAN
-- PLAN is a file of Lua that returns {method, paths, headers, bodies, mark};
-- paths and bodies are taken in turn. A body is sent as a post of its own: the
-- number of the request, 8 digits, follows the run's mark in it. Prints what
-- was seen as one line of JSON.
local plan, requests, sent = nil, {}, 0

function init(args)
  plan = dofile(args[1])
  if plan.bodies then return end
  for i, path in ipairs(plan.paths) do
    requests[i] = wrk.format(plan.method, path, plan.headers)
  end
end

function request()
  sent = sent + 1
  if not plan.bodies then return requests[(sent - 1) % #requests + 1] end
  local path = plan.paths[(sent - 1) % #plan.paths + 1]
  local text = plan.bodies[(sent - 1) % #plan.bodies + 1]
  return wrk.format(plan.method, path, plan.headers, string.format(
      '{"body": "%s-%08d %s"}', plan.mark, sent, text))
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"calls":%d,"seconds":%.6f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,' ..
    '"not_2xx":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
