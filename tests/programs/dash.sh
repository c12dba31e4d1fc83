# dash and busybox's shell: the same script by both, and applets.
cat >script <<'END'
set -- a 'b c' d; echo $# "$2"; shift; echo "$*"
i=0; while [ $i -lt 50 ]; do i=$((i + 1)); [ $((i % 7)) -eq 0 ] && printf '%d ' $i; done; echo
f() { local x=$1; echo "in f $x"; return 5; }; f 3; echo $?
trap 'echo got TERM' TERM; kill -TERM $$; (exit 9) || echo "status $?"
for w in *.none; do echo "$w"; done; echo "${HOME:+set} ${NOTHING:-default}"
echo abc | { read -r x; echo "$x$x"; }; x=$(printf 'a\nb'); echo "$x" | wc -l
sleep 0.1 & wait $!; echo waited; ( kill -9 $(sh -c 'echo $PPID') ) 2>/dev/null; echo "killed $?"
END
dash script; busybox ash script
busybox seq 3 | busybox tac; echo 'hello world' | busybox sed 's/o/0/g'; echo 'a b c' | busybox awk '{print $3, NF}'
busybox printf '%s-%03d\n' x 7; echo 'some text' | busybox md5sum; echo 'some text' | busybox sha256sum
busybox find /mnt -name 'dash*' -type f; echo zzz | busybox gzip -c | busybox gunzip; busybox expr 6 \* 7
echo 'c a b' | busybox tr ' ' '\n' | busybox sort | busybox head -2; busybox dc -e '2 10 ^ p'; busybox factor 1001
busybox tar cf t.tar script && busybox tar tf t.tar; busybox basename /a/b.c .c; busybox vi --help 2>&1 | busybox grep -c Usage
