-- Nineteen of twenty questions come with a token the gateway has seen, one with a token it has not.
-- Every other question is for the same list, as a screen asks that is looked at all morning; the
-- rest are each for one thing nobody asked for before, so nobody wins by remembering addresses.
-- Tokens are in $TOKENS, one a line: the first $KNOWN are asked with again and again.
local known, fresh = {}, {}
local start = "GET /benefits/v1/programmes"
local head = " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
  .. "Accept: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: benchmark\r\n"
  .. "Authorization: Bearer "
local asked = 0
local next_fresh = tonumber(os.getenv("SKIP"))
local series = next_fresh

for token in io.lines(os.getenv("TOKENS")) do
  if #known < tonumber(os.getenv("KNOWN")) then
    known[#known + 1] = head .. token .. "\r\n\r\n"
  else
    fresh[#fresh + 1] = head .. token .. "\r\n\r\n"
  end
end

request = function()
  asked = asked + 1
  local wanted = "?limit=20"
  if asked % 2 == 1 then
    wanted = string.format("/01a0%04x-0000-7000-8000-%012x", series, asked)
  end
  if asked % 40 == 0 or asked % 40 == 21 then
    next_fresh = next_fresh % #fresh + 1
    return start .. wanted .. fresh[next_fresh]
  end
  return start .. wanted .. known[asked % #known + 1]
end
