-- What is asked comes from files: tokens one a line, and for a write one programme's number each.
-- $KIND is read or write, $PEER says in whose dialect.
local kind, peer = os.getenv("KIND"), os.getenv("PEER")
local tokens, numbers = {}, {}
for token in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = token end
if kind == "write" then
  for number in io.lines(os.getenv("DRAFTS")) do numbers[#numbers + 1] = number end
end
local asked = 0
local skip = tonumber(os.getenv("SKIP"))

local function written(method, path, token, more, body)
  local length = body and ("Content-Length: " .. #body .. "\r\n") or ""
  return method .. " " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    .. "User-Agent: benchmark\r\nAuthorization: Bearer " .. token .. "\r\n" .. (more or "")
    .. length .. "\r\n" .. (body or "")
end

local columns = "id code name legalGround fiscalYear amountPerHouseholdYen referenceOn condition"
  .. " applicationFrom applicationUntil seizureBan taxFree state version"
local listing = '{"query":"{allProgrammes(first:20,orderBy:[ID_DESC]){nodes{' .. columns .. '}}}"}'
local graph = "Content-Type: application/json\r\n"

request = function()
  asked = asked + 1
  local token = tokens[asked % #tokens + 1]
  if kind == "read" then
    if peer == "postgraphile" then return written("POST", "/graphql", token, graph, listing) end
    return written("GET", "/benefits/v1/programmes?limit=20", token)
  end
  local number = numbers[skip + asked]
  local key = "Idempotency-Key: " .. number .. "\r\n"
  if peer == "postgraphile" then
    local body = '{"query":"mutation($i:UUID!,$k:String!){publishProgramme(input:{theId:$i,theKey:$k})'
      .. '{programme{' .. columns .. '}}}","variables":{"i":"' .. number .. '","k":"' .. number .. '"}}'
    return written("POST", "/graphql", token, graph, body)
  end
  return written("POST", "/benefits/v1/programmes/" .. number .. "/publication", token, key, "")
end
