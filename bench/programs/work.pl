# Regular expressions, hashes, sorting and pack over a text file.
use strict;
use warnings;
my ($lines, %words, $sum) = (0);
open(my $file, '<', $ARGV[0]) or die "$ARGV[0]: $!";
while (my $line = <$file>) {
    $lines++;
    last if $lines > 60000;
    $words{lc $1}++ while $line =~ /([A-Za-z_]\w+)/g;
    $line =~ s/\b(self|def)\b/<$1>/g;
    $sum += unpack('%32C*', $line);
}
my @top = sort { $words{$b} <=> $words{$a} || $a cmp $b } keys %words;
print "$lines $sum ", scalar(@top), "\n", join(' ', map { "$_=$words{$_}" } @top[0 .. 15]), "\n";
my @numbers = sort { $a <=> $b } map { ($_ * 7919) % 100003 } 1 .. 100000;
print join(',', @numbers[0 .. 5]), ' ', length(pack('N*', @numbers)), "\n";
