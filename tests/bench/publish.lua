-- SPDX-License-Identifier: MIT
-- wrk's script for publishing: every request is a release nobody has published before. Arguments: the
-- token, and a word that makes the names of this run its own. Ten releases a package, as a package
-- with a few versions is what a registry holds most of.

local threads = 0
local token, run, number

function setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

function init(args)
  token, run, number = args[1], args[2], 0
end

function request()
  local name = string.format("bench-%s-%d-%d", run, thread_number, math.floor(number / 10))
  local version = string.format("1.%d", number % 10)
  number = number + 1
  local body = string.format(
    '{"name":"%s","version":"%s","summary":"A release of the benchmark",' ..
    '"requires_python":">=3.9","entry_points":{"bench.publish":{"%s":"bench.plugin:manifest"}}}',
    name, version, name)
  return wrk.format("PUT", "/v1/packages/" .. name .. "/releases/" .. version, {
    ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json",
  }, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
