# coreutils: text tools over made and found text, numbers, checksums.
seq 20000 >n; LC_ALL=C sort -R --random-source=/mnt/coreutils.sh n | sort --parallel=4 -S 1M -n | md5sum
seq 1 3 1000 | sha512sum; seq 500 | sha1sum; seq 500 | b2sum; seq 500 | cksum; seq 77 | sum
factor 1000000007 18446744073709551615 600851475143 2147483649 340282366920938463463374607431768211455
for x in 1 0.1 1e300 1e-310 3.141592653589793 -0.0 123456789.123456789; do printf '%.15g %.3e\n' $x $x; done; printf '%.17g %10.3f\n' 0.1 3.141592653589793
seq 100 | paste - - - - | tail -2; seq 10 | tac | tr '\n' ,; echo; echo aGVsbG8= | base64 -d; echo; echo hello | base32; echo hi | basenc --base16
printf 'b 2\na 1\nc 3\n' | sort >x; printf 'a one\nc three\nd four\n' >y; join -a1 x y; comm -12 <(cut -d' ' -f1 x) <(cut -d' ' -f1 y)
cat /usr/share/common-licenses/GPL-3 | tr -cs A-Za-z '\n' | tr A-Z a-z | sort | uniq -c | sort -k1,1nr -k2 | head -12
wc /usr/share/common-licenses/*-3 2>&1; fold -sw 50 /usr/share/common-licenses/BSD | fmt -w 40 | md5sum; nl /usr/share/common-licenses/BSD | tail -1
od -A x -t x1z -N 48 /usr/share/common-licenses/GPL-2; od -t f8 -t f4 -N 32 /usr/share/common-licenses/GPL-2; hd() { od -An -tu2 "$@"; }; printf abcdef | hd
numfmt --to=iec 1234567890; numfmt --from=si 3.5G; expr 12345678901234567890 \* 98765432109876543210; expr length hello : 'h.*l'
printf 'a b\nb c\nc d\n' | tsort; split -l 6000 n part_; wc -l part_* | tail -1; cat part_* | cmp - n && echo same; csplit -s n 5 10 && wc -l xx00 xx01
mkdir -p d/e; echo 1 >d/e/f; cp -a d d2; ln -s e d/link; mv d/e/f d/e/g; ls -R d d2; stat -c '%n %F %a %s' d/e/g d/link; readlink -f d/link/g
touch -d '2001-02-03 04:05:06 UTC' t; date -u -r t +%FT%T%z; date -u -d @1000000000 '+%A %j %U %s'; date -d '2024-02-29 +1 year' +%F; TZ=UTC-5 date -d @0
dd if=/dev/zero bs=1000 count=7 2>/dev/null | wc -c; truncate -s 5000 t; dd if=n of=t bs=100 skip=3 seek=2 count=4 conv=notrunc 2>/dev/null; md5sum t
shuf -i 1-20 --random-source=/mnt/coreutils.sh | paste -sd' '; pr -3 -l 20 -h title -t <(seq 12); expand <(printf 'a\tb\n'); seq 5 | tee c1 c2 | wc -l; cmp c1 c2
timeout 0.2 sleep 5; echo "timeout $?"; env -i A=1 env; nice -n 3 true; echo $?; pathchk -p 'a b'; echo $?; test -d d -a ! -e none && echo tests; id -un; nproc --ignore=100
chmod 4751 t && stat -c %A t; du -b d | sort; echo abc | tr '[:lower:]' '[:upper:]' ; yes | head -100000 | md5sum; mktemp -u XXXX | wc -c; sleep 0.01; printenv HOME
