# tar and the compressors: archives that are the same bytes everywhere, and round trips.
cd /usr/lib/python3.13
tar cf /tmp/t.tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go-w json email/*.py logging
cd /tmp; sha256sum <t.tar; tar tvf t.tar --utc | head -4; tar tf t.tar | wc -l; mkdir out; tar xf t.tar -C out; (cd out && find . -type f | LC_ALL=C sort | xargs cat | md5sum)
for level in 1 6 9; do gzip -n -$level <t.tar | tee g | sha256sum; gzip -dc g | cmp - t.tar; bzip2 -$level <t.tar | tee b | sha256sum; bunzip2 <b | cmp - t.tar; done
xz -T1 -6 <t.tar | tee x | sha256sum; xz -dc x | cmp - t.tar; xz -T2 --block-size=200000 <t.tar | tee x | sha256sum; xz -T2 -dc x | cmp - t.tar; xz --format=lzma <t.tar | sha256sum; xz -l x | tail -1
for level in 1 3 12 19; do zstd -q -$level <t.tar | tee z | sha256sum; zstd -q -dc z | cmp - t.tar; done; zstd -q -T2 -5 -B200000 <t.tar | tee z | sha256sum; zstd -q -dc z | cmp - t.tar; zstd -q --ultra -22 --long <t.tar | sha256sum
xz -t /dev/null; echo "status $?"; gzip -t b 2>&1; echo "status $?"; head -c 1000 g | gzip -dc 2>&1 >/dev/null; zstd -q --train out/email/*.py -o dict --maxdict=4000 2>/dev/null; [ -s dict ] && echo dictionary
tar czf a.tgz out && tar cJf a.txz out && tar --zstd -cf a.tzst out && for f in a.*; do tar tf $f | wc -l; done; tar rf t.tar dict && tar tf t.tar | tail -1; echo hello >h; tar cf - h | (mkdir p; cd p; tar xvf -); tar df t.tar -C out 2>&1 | tail -1
