# Arithmetic, strings, arrays and functions of the shell itself: no other program is started.
collatz() {
    local n=$1 steps=0
    while ((n != 1)); do
        if ((n % 2)); then ((n = 3 * n + 1)); else ((n /= 2)); fi
        ((steps++))
    done
    result=$steps
}
most=0
for ((i = 1; i < 1500; i++)); do
    collatz $i
    ((result > most)) && most=$result best=$i
done
echo "$best $most"
declare -A count
text='the quick brown fox jumps over the lazy dog and the quick cat'
for ((i = 0; i < 400; i++)); do
    for word in $text; do ((count[$word]++)); done
    text=${text/quick/slow} text=${text/slow/quick}
done
for word in the quick cat; do echo "$word ${count[$word]}"; done
s=
for ((i = 0; i < 3000; i++)); do s+=${i: -1}; done
s=${s//[13579]/}
echo "${#s}"
