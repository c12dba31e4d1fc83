# lua and bc: numbers, strings, closures, coroutines; digits of pi.
lua5.4 -v
lua5.4 - <<'END'
print(1/3, 2^53, 7 // 2, -7 // 2, -7 % 3, 7.5 // 2, 1e308 * 10, -1e308 * 10, math.maxinteger, math.mininteger, 3 | 4, 5 ~ 1, ~0, 1 << 62, "10" + 5, 10 / 2)
print(string.format("%5.2f|%-8s|%08x|%q|%g|%a", math.pi, "left", 48879, "a\nb", 1e100, 0.1), ("x"):rep(3, "-"), #"abc", ("hello world"):gsub("o", "0"))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("a,b,,c"):find(",,", 1, true), string.pack(">I4i8z", 1, -2, "s"):byte(1, -1))
local t = {}; for i = 1, 1000 do t[i] = (i * 7919) % 1009 end; table.sort(t, function(a, b) return a > b end); print(t[1], t[500], t[1000], table.concat(t, ",", 1, 5), #t)
local co = coroutine.wrap(function(a) while true do a = coroutine.yield(a * 2) end end); print(co(1), co(5), co(21))
print(pcall(error, {code = 1}), pcall(function() local x = nil; return x.y end), select("#", nil, nil), utf8.char(228, 8364, 128512), utf8.len("äöü"))
local mt = setmetatable({}, {__index = function(_, k) return k .. "!" end, __call = function(_, x) return x + 1 end, __tostring = function() return "object" end}); print(mt.hi, mt(41), tostring(mt))
local w = setmetatable({}, {__mode = "k"}); for i = 1, 1000 do w[{}] = i end; collectgarbage(); local n = 0; for _ in pairs(w) do n = n + 1 end; print(n, load("return 6 * 7")(), os.time({year = 2000, month = 1, day = 1, hour = 12}), math.type(1), math.tointeger(3.0))
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end; print(fib(24)); goto done; print("never"); ::done:: print(math.fmod(-7, 3), math.ult(1, -1), 0x7fffffffffffffff + 1 == math.mininteger, 1e15, 2^63, 0/0 ~= 0/0)
END
printf 'scale=60\n4*a(1)\ne(1)\ns(1)\nsqrt(2)\n2^200\nl(2)\n' | bc -l; printf 'obase=16\n2^70-1\nibase=2\n101101\n' | bc; echo 'define f(n){if(n<2)return n;return f(n-1)+f(n-2)}
f(18)' | bc
lua5.4 -e 'local n, a = 200, {} local len = 10 * n // 3 for i = 1, len do a[i] = 2 end local nines, pre, out = 0, 0, {} for j = 1, n do local q = 0 for i = len, 1, -1 do local x = 10 * a[i] + q * i a[i] = x % (2 * i - 1) q = x // (2 * i - 1) end a[1] = q % 10 q = q // 10 if q == 9 then nines = nines + 1 elseif q == 10 then out[#out + 1] = pre + 1 .. ("0"):rep(nines) pre, nines = 0, 0 else out[#out + 1] = pre .. ("9"):rep(nines) pre, nines = q, 0 end end print(table.concat(out))'
