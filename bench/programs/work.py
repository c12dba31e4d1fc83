"""Work of the sorts that Python programs do: text, dictionaries, classes, numbers, JSON, regular expressions."""
import collections
import json
import re
import sys


class Account:
    def __init__(self, name):
        self.name = name
        self.entries = []

    def book(self, amount):
        self.entries.append(amount)
        return self

    @property
    def balance(self):
        return sum(self.entries)


def words(text):
    counts = collections.Counter(re.findall(r"[a-z_]{3,}", text))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:20]


def accounts(n):
    book = {}
    for i in range(n):
        name = "account%d" % (i * 7919 % 501)
        book.setdefault(name, Account(name)).book(i % 97 - 48)
    return sorted((a.balance, a.name) for a in book.values())[:3]


def primes(n):
    sieve = bytearray([1]) * (n + 1)
    for i in range(2, int(n**0.5) + 1):
        if sieve[i]:
            sieve[i * i :: i] = bytes(len(range(i * i, n + 1, i)))
    return sum(sieve[2:])


def numbers(n):
    x, total = 0.5, 0.0
    for i in range(n):
        x = 3.7 * x * (1 - x)
        total += x / (i + 1)
    return repr(total)


def trees(depth):
    def make(d):
        return None if d == 0 else (make(d - 1), make(d - 1))

    def count(t):
        return 1 if t is None else count(t[0]) + count(t[1])

    return count(make(depth))


text = open(sys.argv[1], encoding="utf-8").read()
print(words(text[:1500000]))
print(accounts(120000))
print(primes(1000000))
print(numbers(400000))
print(trees(16))
data = {"rows": [{"id": i, "name": "row %d" % i, "tags": ["a", "b", str(i % 7)]} for i in range(12000)]}
print(sum(len(r["tags"]) + r["id"] for r in json.loads(json.dumps(data))["rows"]))
print(pow(3, 2**14 + 1, 2**2203 - 1) % 1000003, str(7**4000)[:12])
