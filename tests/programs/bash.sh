# bash: arrays, traps, process substitution, here documents, wait -n, subshells, arithmetic, limits, many children.
set -u
declare -A map=([one]=1 [two]=2 [three]=3)
for key in $(printf '%s\n' "${!map[@]}" | sort); do echo "$key=${map[$key]}"; done
list=(c a b); list+=(d); echo "${#list[@]} ${list[@]:1:2} ${list[-1]}"
diff <(seq 5) <(seq 2 6)
cat <<END | tr a-z A-Z
here $((7 * 6)) ${map[two]}
END
trap 'echo usr1' USR1; kill -USR1 $$
trap 'echo exit of the subshell' EXIT
(trap 'echo inner' EXIT; exit 3); echo "status $?"
trap - EXIT
sleep 0.3 & slow=$!; (exit 7) & wait -n; echo "first $?"; wait $slow; echo "second $?"
false | true | (exit 4); echo "${PIPESTATUS[@]}"
printf '%q %05d %x %s\n' 'a b' 42 255 end
[[ "register a5" =~ ^([a-z]+)\ (.)(.)$ ]] && echo "${BASH_REMATCH[@]:1}"
shopt -s extglob; f=image.tar.gz; echo "${f%%.*} ${f##*.} ${f/tar/zip} ${f^^} ${f//[aeiou]}"
case foobar in foo@(bar|baz)) echo matched ;; esac
sum=0; for ((i = 0; i < 200; i++)); do ((sum += $(echo $i))); done; echo "200 children: $sum"
coproc { while read -r line; do echo "got $line"; done; }; echo hello >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"
exec {COPROC[1]}>&-; wait
(ulimit -n 16; ulimit -n); (ulimit -v 65536; ulimit -v)
mkfifo pipe; (echo through a fifo >pipe) & cat pipe; wait
sleep 9 & kill -TERM $!; wait $!; echo "killed: $?"
(kill -SEGV $BASHPID) 2>/dev/null; echo "segv: $?"
bash -c 'exec -a other bash -c "echo \$0"'; type -t cd ls if
read -r -d '' text <<<"two words"; echo "$text"; echo "$(< <(echo read))"
select_me() { local -n ref=$1; ref=changed; }; value=old; select_me value; echo "$value"
mapfile -t lines < <(seq 3); echo "${lines[*]}"; time_me() { :; }; { time time_me; } 2>&1 | grep -c real
