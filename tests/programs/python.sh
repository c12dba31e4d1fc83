# python3: processes, threads, sockets, ctypes, numbers to the last bit, and its library compiled to bytes.
python3 - <<'END'
import array, asyncio, bisect, ctypes, decimal, fractions, functools, hashlib, heapq, io, itertools, json, math, mmap, os, pickle, queue, random, re, select, signal, socket, sqlite3, statistics, struct, subprocess, sys, tempfile, threading, time, zlib
print(sys.version_info[:2], sys.byteorder, sys.maxsize, sys.float_info.max, struct.calcsize("P"))
random.seed(42); print([random.random() for _ in range(3)], random.gauss(0, 1), random.sample(range(1000), 5), random.getrandbits(100))
print(math.pi, math.e ** 10, math.sin(1e22), math.fsum([0.1] * 10), math.gamma(5.5), math.fma(2.0, 3.0, 4.0), 1e308 * 10, float("nan"), (0.1 + 0.2).hex(), round(2.675, 2), 2 ** 0.5, 10 ** -5, -7 // 2, -7 % 3, 7.5 % -2)
print(decimal.Decimal(2).sqrt(decimal.Context(50)), fractions.Fraction(0.1), statistics.stdev(range(100)), 3 ** 200 % 10 ** 30, pow(3, -1, 1009), math.comb(100, 50), math.isqrt(10 ** 40))
print(hashlib.sha256(b"abc").hexdigest()[:16], hashlib.blake2b(b"abc").hexdigest()[:16], zlib.crc32(b"hello"), zlib.adler32(b"hello"), len(zlib.compress(bytes(1000))))
print(struct.pack("<bhiqefd", -1, -2, -3, -4, 1.5, 2.5, 3.5).hex(), array.array("d", [1, 2]).tobytes().hex(), pickle.loads(pickle.dumps({"a": (1, 2.5, None)})))
print(json.dumps({"b": [1, 2.5, None, "ü"], "a": True}, sort_keys=True), re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"), re.findall(r"(?i)\bA\w*", "an apple and Ant"))
libc = ctypes.CDLL(None); libc.strtod.restype = ctypes.c_double; libc.snprintf.argtypes = None
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(5, 3, 9, 1, 7); libc.qsort(numbers, 5, 4, compare(lambda a, b: a[0] - b[0])); print(list(numbers), libc.strtod(b"2.5e3", None), libc.abs(-4))
counter, lock = 0, threading.Lock()
def add():
    global counter
    for _ in range(2000):
        with lock: counter += 1
threads = [threading.Thread(target=add) for _ in range(8)]; [t.start() for t in threads]; [t.join() for t in threads]; print(counter)
q = queue.Queue(4); t = threading.Thread(target=lambda: [q.put(i) for i in range(100)]); t.start(); print(sum(q.get() for _ in range(100))); t.join()
print(subprocess.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"in", capture_output=True), subprocess.check_output("echo $((6*7)) | tr 4 x", shell=True), subprocess.call(["true"]))
try: subprocess.run(["/none"])
except FileNotFoundError as e: print(e)
try: subprocess.run(["sleep", "9"], timeout=0.3)
except subprocess.TimeoutExpired as e: print(e)
p = subprocess.Popen(["sleep", "9"]); p.terminate(); print(p.wait())
a, b = socket.socketpair(); a.sendall(b"x" * 100000) if False else a.send(b"ping"); print(b.recv(10), select.select([b], [], [], 0.01)[0] == [])
s = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname()); d, _ = s.accept(); c.sendall(b"tcp"); print(d.recv(9)); c.close(); print(d.recv(9))
signal.signal(signal.SIGALRM, lambda n, f: print("signal", n)); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.2); signal.raise_signal(signal.SIGALRM)
pid = os.fork()
if pid == 0: os._exit(5)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); r, w = os.pipe(); os.write(w, b"pipe"); print(os.read(r, 10))
m = mmap.mmap(-1, 8192); m[4094:4100] = b"across"; print(m[4094:4100], m.find(b"oss")); f = tempfile.TemporaryFile(); f.write(b"abc" * 5000); f.flush(); print(len(mmap.mmap(f.fileno(), 0)))
async def sleeper(n): await asyncio.sleep(0.01 * n); return n * n
async def run(): return await asyncio.gather(*(sleeper(i) for i in range(5))), (await (await asyncio.create_subprocess_exec("echo", "async", stdout=-1)).communicate())[0]
print(asyncio.run(run())); db = sqlite3.connect(":memory:"); print(db.execute("select sum(value), avg(value) from json_each('[1,2,3.5]')").fetchone())
print(sorted(itertools.permutations("abc"))[3], list(heapq.merge([1, 4], [2, 3])), functools.reduce(lambda x, y: x * y, range(1, 20)), bisect.bisect([1, 3, 5], 4), os.path.realpath("/usr/../tmp"))
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(math.factorial, range(8)))
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool: print(sum(pool.map(lambda x: x * x, range(50))))
try: (lambda f: f(f))(lambda f: f(f))
except RecursionError: print("too deep")
class Meta(type): __call__ = lambda c, *a: ("made", c.__name__, a)
class X(metaclass=Meta): pass
print(X(1), f"{math.pi:10.4f}|{255:#x}|{'s':^7}|{1234567:,}|{1e-7!r}", "äß€😀".encode().hex(), "ǅ".lower(), int("ff", 16), bytes(range(5)), complex(1, 2) ** 2, divmod(-7, 2), hash(0.5), hash((1, 2)))
END
echo "status $?"
cp -r /usr/lib/python3.13/json /usr/lib/python3.13/email /usr/lib/python3.13/asyncio . 2>/dev/null; find . -name __pycache__ | xargs rm -rf
PYTHONHASHSEED=0 python3 -m compileall -q -j2 --invalidation-mode unchecked-hash json email asyncio; find . -name '*.pyc' | LC_ALL=C sort | xargs sha256sum | sha256sum; find . -name '*.pyc' | wc -l
python3 -c 'import os; os.abort()' 2>/dev/null; echo "abort $?"; python3 -c 'raise SystemExit(3)'; echo "exit $?"; python3 -m timeit -n 1 -r 1 pass | wc -l; echo 'print(input()[::-1])' >i.py; echo abc | python3 i.py; python3 -X importtime -c pass 2>&1 | grep -c site
