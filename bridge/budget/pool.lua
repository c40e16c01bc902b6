-- One brand's pool: whoever is present lends its share, and takes slots out of the sum. All times are this server's, in
-- microseconds: nobody else's clock counts. GCRA: `next` is the moment of the next slot.
--
-- KEYS[1]  a hash: `next`, and a field for each member: "until share wanted", until when it is counted, its part of the
--          whole, and when it last asked for slots
-- ARGV     member, share (0..1, 0: leave), slots a second for the whole, slots wanted, not before, not after, connected
--          anew (0 or 1), lease, horizon, lead
-- Returns  now, slots of the pool in 1,000 seconds, members that take slots, when to ask again, and the slots.
--          Only now when it came too late (or the clock was set meanwhile).
local member, share, whole, wanted = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local not_before, not_after, anew = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'
local lease, horizon, lead = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local busy_for = 100000

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
-- Who sent this may have given up on it and left the pool.
if now < not_before or now > not_after then return {now} end

local fields = redis.call('HGETALL', KEYS[1])
local next_slot, present, busy, gone, asked = nil, share, 0, {}, 0
for i = 1, #fields, 2 do
  if fields[i] == 'next' then
    next_slot = tonumber(fields[i + 1])
  else
    local till, part, last = string.match(fields[i + 1], '^(%S+) (%S+) (%S+)$')
    till, last = tonumber(till), tonumber(last)
    if fields[i] == member then
      asked = last
    elseif till <= now or till > now + lease then
      -- Its lease is over; or the clock was set back, and it lasts for nobody knows how long.
      gone[#gone + 1] = fields[i]
    else
      present = present + tonumber(part)
      if now - last < busy_for then busy = busy + 1 end
    end
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
if share <= 0 then
  redis.call('HDEL', KEYS[1], member)
  return {now, 0, busy, now}
end

if wanted > 0 then asked = now end
if now - asked < busy_for then busy = busy + 1 end
local rate = whole * math.min(1, present)
local interval = 1000000 / rate
if next_slot == nil then
  -- Nothing is known: slots up to the horizon may have been given out, and forgotten.
  next_slot = now + horizon + interval
elseif anew then
  -- This server may be another, or have lost the last moments.
  next_slot = math.max(next_slot, now + horizon)
end
-- Further ahead than that was another rate, or another clock.
next_slot = math.min(math.max(next_slot, now + lead), now + horizon + interval)

local fair = math.max(1, math.ceil(horizon / interval / math.max(1, busy)))
local slots = {}
while #slots < math.min(wanted, fair) and next_slot <= now + horizon do
  slots[#slots + 1] = next_slot
  next_slot = next_slot + interval
end
-- As soon as there is room for about half of what it may have at a time.
local again = next_slot + (math.max(1, math.min(wanted, math.ceil(fair / 2))) - 1) * interval - horizon

redis.call('HSET', KEYS[1], 'next', string.format('%.0f', math.ceil(next_slot)),
  member, string.format('%.0f %s %.0f', now + lease, ARGV[2], asked))
redis.call('PEXPIRE', KEYS[1], math.ceil(60000 + interval / 1000))
local reply = {now, math.floor(rate * 1000), busy, math.ceil(math.max(again, now))}
for i = 1, #slots do reply[#reply + 1] = math.ceil(slots[i]) end
return reply
