-- Nineteen of twenty questions come with a token the gateway has seen, one with a token it has not.
-- Tokens are in $TOKENS, one a line: the first $KNOWN are asked with again and again.
local known, fresh = {}, {}
local head = "GET /benefits/v1/programmes?limit=20 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
  .. "Accept: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: benchmark\r\n"
  .. "Authorization: Bearer "
local asked = 0
local next_fresh = tonumber(os.getenv("SKIP"))

for token in io.lines(os.getenv("TOKENS")) do
  if #known < tonumber(os.getenv("KNOWN")) then
    known[#known + 1] = head .. token .. "\r\n\r\n"
  else
    fresh[#fresh + 1] = token
  end
end

request = function()
  asked = asked + 1
  if asked % 20 == 0 then
    next_fresh = next_fresh % #fresh + 1
    return head .. fresh[next_fresh] .. "\r\n\r\n"
  end
  return known[asked % #known + 1]
end
