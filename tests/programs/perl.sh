# perl: regular expressions, pack, sprintf, sorting, fork, pipes, sockets, signals, Storable, big numbers.
perl -v | grep -c 'perl 5'
perl -e 'my %h; $h{$_ % 97} .= chr(65 + $_ % 26) for 1 .. 20000; print join(",", map { "$_:" . length $h{$_} } (sort { $a <=> $b } keys %h)[0 .. 5]), "\n"'
perl -ne '$n{lc $1}++ while /\b([a-z]{4,})\b/gi; END { print "$_ $n{$_}\n" for (sort { $n{$b} <=> $n{$a} || $a cmp $b } keys %n)[0 .. 5] }' /usr/share/common-licenses/GPL-3
perl -e 'printf "%.17g %e %x %b %s %vd\n", 1/3, 1e300*10, 3735928559, 10, "a" x 3, "1.22.333"; print unpack("H*", pack("nNvVqdfw", 1, 2, 3, 4, -5, 1.5, 2.25, 300)), "\n"; print 2**63, " ", 18446744073709551615, " ", 9007199254740993 + 0, " ", -7 % 3, " ", int(-7 / 2), "\n"'
perl -e '$_ = "2024-02-29T12:34:56"; my ($d, @t) = /^(\S+)T(\d+):(\d+):(\d+)$/; print "$d @t\n"; (my $x = "aXbXc") =~ s/X(.)/<$1>/g; print "$x\n"; print join("|", split /(,)/, "a,b,c"), "\n"; "abcabc" =~ /(?<first>a.)(?=c).*\k<first>/ and print "$+{first} $-[0] $+[0]\n"; print "nested\n" if "((()))" =~ /^(\((?1)*\))$/; print "foobar" =~ s/(?<=foo)bar/baz/r, "\n"; tr/0-9//cd; print "$_\n"'
perl -e 'my @kids; for my $i (1 .. 10) { my $pid = fork // die; if (!$pid) { exit $i } push @kids, $pid } my $s = 0; for (@kids) { waitpid $_, 0; $s += $? >> 8 } print "$s\n"; pipe my $r, my $w; if (!fork) { close $r; print $w "line $_\n" for 1 .. 1000; exit } close $w; my @l = <$r>; print scalar(@l), " $l[-1]"; wait'
perl -MSocket -e 'socketpair my $a, my $b, AF_UNIX, SOCK_STREAM, 0; if (!fork) { syswrite $b, uc while sysread $b, $_, 100; exit } syswrite $a, "hello"; sysread $a, $x, 100; print "$x\n"; shutdown $a, 1; wait; print $? >> 8, "\n"'
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die "no socket: $@"; my $p = $s->sockport; if (!fork) { my $c = IO::Socket::INET->new("127.0.0.1:$p"); print $c "over TCP\n"; exit } my $c = $s->accept; print scalar <$c>; wait' 2>&1
perl -e '$SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 10; }; print $@; $SIG{USR1} = sub { $n++ }; kill USR1 => $$ for 1 .. 100; print "$n\n"; local $SIG{CHLD} = sub { print "child\n" if wait > 0 }; if (!fork) { exit } sleep 2'
perl -MStorable=freeze,thaw,dclone -MData::Dumper -e '$Data::Dumper::Sortkeys = $Data::Dumper::Indent = 1; my $d = {a => [1, 2, {b => undef}], c => \"s"}; print Dumper(thaw freeze dclone $d)'
perl -MMath::BigInt -MMath::BigFloat -MDigest::SHA=sha256_hex -MMIME::Base64 -MTime::Local -MList::Util=sum,reduce -MPOSIX=floor,strftime -e 'print Math::BigInt->new(2)->bpow(200), " ", Math::BigInt->new(100)->bfac->length, " ", Math::BigFloat->new(2)->bsqrt(40), "\n", sha256_hex("abc"), " ", encode_base64("hello", ""), " ", timegm(0, 0, 0, 1, 0, 100), " ", sum(1 .. 100), " ", (reduce { $a * $b } 1 .. 15), " ", floor(-1.5), strftime(" %F", gmtime 86400 * 365), "\n"'
perl -e 'use utf8; binmode STDOUT, ":utf8"; my $s = "Grüße, Ωmega"; print length $s, " ", uc $s, " ", scalar reverse($s), " ", ord("Ω"), "\n"; format STDOUT =
@<<<<< @>>>>> @##.##
"left", "right", 3.14159
.
write; print sort { $a <=> $b } (10, 9, 2, 33, 1); print "\n"; print "exit\n"; exit 42'; echo "status $?"; perl -e 'kill 9, $$'; echo "killed $?"; perl -c -e 'print 1' 2>&1; perl -e 'die "message\n"'; echo "died $?"
