-- Tables, strings, closures and coroutines.
local function permutations(n)
  local count, a = 0, {}
  for i = 1, n do a[i] = i end
  local function go(k)
    if k == 0 then count = count + a[1] * a[n] return end
    for i = 1, k do
      a[i], a[k] = a[k], a[i]
      go(k - 1)
      a[i], a[k] = a[k], a[i]
    end
  end
  go(n)
  return count
end
local function words(n)
  local t = {}
  for i = 1, n do
    local key = string.format("w%d", i * 7919 % 5003)
    t[key] = (t[key] or 0) + #key
  end
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return #keys, t[keys[1]], table.concat(keys, ","):gsub("w1", "x"):len()
end
local function generate(n)
  return coroutine.wrap(function() for i = 1, n do coroutine.yield(i * i % 1009) end end)
end
print(permutations(9))
print(words(300000))
local sum = 0
for v in generate(300000) do sum = sum + v end
print(sum)
local x = 0.0
for i = 1, 3000000 do x = x + 1 / (i * i) end
print(string.format("%.12f", x))
