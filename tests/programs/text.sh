# grep, sed, gawk over a thousand files of Python's library.
cd /usr/lib/python3.13
files=$(find . -maxdepth 2 -name '*.py' ! -name '_sysconfig*' ! -path './sitecustomize.py' | LC_ALL=C sort)
cat $files | wc -c; grep -c import $files | md5sum; grep -lE '^class [A-Z]\w+\(' $files | wc -l; cat $files | grep -oE '\b[a-z]+_[a-z]+\b' | sort | uniq -c | sort -k1,1nr -k2 | head -8
cat $files | grep -vE '^\s*(#|$)' | wc -l; grep -nE '(.)\1\1\1' json/*.py | head -3; grep -P '(?<=def )\w+(?=\(self\))' -oh json/*.py | sort | md5sum; grep -rlF 'socketpair' --include='*.py' asyncio | sort
cat $files | sed -n '/^def /{s/^def \([a-z_]*\).*/\1/;p}' | sort | uniq | md5sum; sed -E 's/([A-Za-z]+) ([A-Za-z]+)/\2 \1/g; y/abc/xyz/; 5q' os.py; sed -n '$=' os.py
seq 10 | sed -n '2{h;d};4{G;p};$!N;l;D'; printf 'one\ntwo\nthree\n' | sed '1!G;h;$!d'; echo 'aaa bbb' | sed 's/a/x/2;s/b*$/[&]/;s/x/\U&/'; sed = json/__init__.py | sed 'N;s/\n/\t/' | tail -1
cat $files | gawk '{for (i = 1; i <= NF; i++) n[$i]++; c += length} END {PROCINFO["sorted_in"] = "@val_num_desc"; for (w in n) {if (k++ > 5) break; print w, n[w]}; print NR, c}'
gawk 'BEGIN {printf "%.17g %d %x %s %c\n", 1/3, 2^53, 255, substr("hello", 2, 3), 65; print length("äöü"), toupper("straße"), index("foobar", "bar"), sin(1), exp(1), atan2(0, -1), int(-3.7), 2**0.5}'
gawk 'BEGIN {srand(42); for (i = 0; i < 5; i++) printf "%.10f ", rand(); print ""; n = split("a:b:c", p, ":"); print n, p[3]; x = "aXbXc"; gsub(/X/, "-", x); print x; print gensub(/(.)-(.)/, "\\2+\\1", 1, x), strftime("%F", 86400, 1), mktime("2000 01 01 00 00 00")}'
gawk -M 'BEGIN {print 2^100}' 2>/dev/null || echo 'no bignum'; gawk 'BEGIN {while (("seq 5" | getline x) > 0) s += x; close("seq 5"); print s; print "b\na" | "sort"; close("sort"); "date -u -d @0 +%Y" | getline y; print y}'
gawk -F: -v OFS=- '{$2 = "x"; print $1, $NF}' /etc/passwd | head -3; gawk 'function f(n) {return n < 2 ? n : f(n - 1) + f(n - 2)} BEGIN {print f(22); a[1][2] = 3; print isarray(a[1]), asort(b)}'
