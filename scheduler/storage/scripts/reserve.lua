-- Take from the budgets for an answer that is sent at once, or say from when on it may be sent.
-- ARGV: now, how far ahead a place may be booked in ms, the message as to, lane, rank, card and picture, budgets; JSON.
-- Answers {1, ms} for the moment to send, {0, ms} for the moment until which it has to wait: nothing was taken.
local now, message = tonumber(ARGV[1]), cjson.decode(ARGV[3])
local asked = held(message.lane, now)
if asked then return {0, asked} end
local answer, moment = admit(message, ARGV[4], now, tonumber(ARGV[2]))
return {answer == 'go' and 1 or 0, moment}
