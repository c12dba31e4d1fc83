// A scanner for a small language: a switch over states for each character, then a table-driven one over the same text.
#include "bench.h"
#define SIZE (1 << 19)

enum state { START, WORD, NUMBER, FRACTION, HEX, QUOTE, ESCAPE, COMMENT, OPERATOR, STATES };
enum class { LETTER, DIGIT, ZERO, DOT, MARK, BACK, HASH, SIGN, BLANK, LINE, CLASSES };
static uint8_t text[SIZE], class_of[256], table[STATES][CLASSES];

static void make_classes(void) {
    memset(class_of, SIGN, sizeof class_of);
    for (int c = 'a'; c <= 'z'; c++) class_of[c] = LETTER;
    for (int c = '0'; c <= '9'; c++) class_of[c] = DIGIT;
    class_of['_'] = LETTER, class_of['0'] = ZERO, class_of['.'] = DOT, class_of['"'] = MARK, class_of['\\'] = BACK;
    class_of['#'] = HASH, class_of[' '] = BLANK, class_of['\n'] = LINE;
}

static enum state first_state(uint8_t c) {
    static const uint8_t next[CLASSES] = {WORD,  NUMBER,  HEX,      OPERATOR, QUOTE,
                                          START, COMMENT, OPERATOR, START,    START};
    return next[class_of[c]];
}

static enum state step(enum state s, uint8_t c) {
    unsigned k = class_of[c];
    switch (s) {
    case WORD: return k == LETTER || k == DIGIT || k == ZERO ? WORD : first_state(c);
    case NUMBER: return k == DIGIT || k == ZERO ? NUMBER : k == DOT ? FRACTION : first_state(c);
    case FRACTION: return k == DIGIT || k == ZERO ? FRACTION : first_state(c);
    case HEX: return k == DIGIT || k == ZERO || k == LETTER ? HEX : k == DOT ? FRACTION : first_state(c);
    case QUOTE: return k == MARK ? START : k == BACK ? ESCAPE : QUOTE;
    case ESCAPE: return QUOTE;
    case COMMENT: return k == LINE ? START : COMMENT;
    case OPERATOR: return k == SIGN ? OPERATOR : first_state(c);
    default: return first_state(c);
    }
}

int main(int argc, char **argv) {
    static const char samples[CLASSES] = {'x', '7', '0', '.', '"', '\\', '#', '+', ' ', '\n'};
    static const char bag[] = "abcxyz_ 0123 .\" \\#+-*/= \n  whilefor0x1f";
    uint64_t seed = 31, sum = 0;
    make_classes();
    for (int s = 0; s < STATES; s++)
        for (int k = 0; k < CLASSES; k++) table[s][k] = (uint8_t)step((enum state)s, (uint8_t)samples[k]);
    for (int i = 0; i < SIZE; i++) text[i] = (uint8_t)bag[next_random(&seed) % (sizeof bag - 1)];
    for (long r = rounds(argc, argv, 70); r > 0; r--) {
        uint64_t seen[STATES] = {0}, tokens = 0, twice = 0;
        enum state s = START;
        for (int i = 0; i < SIZE; i++) {
            enum state n = step(s, text[i]);
            tokens += n != s && n != START;
            seen[n]++;
            s = n;
        }
        s = START;
        for (int i = 0; i < SIZE; i++) {
            enum state n = (enum state)table[s][class_of[text[i]]];
            twice += n != s && n != START;
            s = n;
        }
        check(tokens == twice, "both scanners agree");
        for (int k = 0; k < STATES; k++) sum = mix(sum, seen[k]);
        text[(unsigned)r * 7919u % SIZE] = (uint8_t)bag[(unsigned)r % (sizeof bag - 1)];
    }
    return finish("fsm", sum);
}
