// SPDX-License-Identifier: GPL-2.0-or-later
// The benchmark's workload: lists, matrices, a state machine over text, and integer arithmetic,
// folded into one checksum. Plain C with fixed-width numbers and a set order of evaluation: it
// gives the same checksum on every machine.
#include "mix.h"

#include <stddef.h>

typedef struct node {
    struct node *next;
    uint32_t key;
    uint32_t weight;
} node_t;

enum { NODES = 200, SIDE = 20, SIEVE = 2048 };

typedef struct {
    uint32_t seed;
    node_t nodes[NODES];
    int16_t a[SIDE][SIDE], b[SIDE][SIDE];
    int32_t c[SIDE][SIDE];
    uint8_t composite[SIEVE];
} work_t;

static uint32_t next_random(uint32_t *seed)
{
    uint32_t x = *seed;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *seed = x;
    return x;
}

static uint32_t fold(uint32_t sum, uint32_t value)
{
    sum ^= value;
    return (sum << 5 | sum >> 27) * 0x9E3779B1u + 0x7F4A7C15u;
}

// ---- lists: build, merge sort, search, reverse --------------------------------------------------

static node_t *merge(node_t *x, node_t *y)
{
    node_t head = {0}, *tail = &head;
    while (x != NULL && y != NULL) {
        node_t **least = x->key <= y->key ? &x : &y;
        tail->next = *least;
        tail = *least;
        *least = (*least)->next;
    }
    tail->next = x != NULL ? x : y;
    return head.next;
}

static node_t *sort(node_t *list)
{
    if (list == NULL || list->next == NULL) {
        return list;
    }
    node_t *middle = list, *end = list->next;
    while (end != NULL && end->next != NULL) {
        middle = middle->next;
        end = end->next->next;
    }
    node_t *second = middle->next;
    middle->next = NULL;
    return merge(sort(list), sort(second));
}

static uint32_t search(const node_t *list, uint32_t key)
{
    uint32_t steps = 0;
    while (list != NULL && list->key < key) {
        steps += list->weight;
        list = list->next;
    }
    return steps;
}

static uint32_t run_list(work_t *w, uint32_t sum)
{
    node_t *list = NULL;
    for (int i = 0; i < NODES; i++) {
        node_t *n = &w->nodes[i];
        *n = (node_t){list, next_random(&w->seed) & 0xFFFF, (uint32_t)i};
        list = n;
    }
    list = sort(list);
    for (uint32_t key = 0; key < 0x10000; key += 0x0CCD) {
        sum = fold(sum, search(list, key));
    }
    node_t *reversed = NULL;
    while (list != NULL) {
        node_t *rest = list->next;
        list->next = reversed;
        reversed = list;
        list = rest;
    }
    for (const node_t *n = reversed; n != NULL; n = n->next) {
        sum = fold(sum, n->key + n->weight);
    }
    return sum;
}

// ---- matrices: product, bit fields of it, transposed sum ---------------------------------------

static uint32_t run_matrix(work_t *w, uint32_t sum)
{
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            uint32_t r = next_random(&w->seed);
            w->a[i][j] = (int16_t)(r % 200) - 100;
            w->b[i][j] = (int16_t)((r >> 16) % 200) - 100;
        }
    }
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int32_t product = 0;
            for (int k = 0; k < SIDE; k++) {
                product += w->a[i][k] * w->b[k][j];
            }
            w->c[i][j] = product;
        }
    }
    for (int j = 0; j < SIDE; j++) {
        uint32_t column = 0;
        for (int i = 0; i < SIDE; i++) {
            uint32_t value = (uint32_t)w->c[i][j];
            column += (value >> 2 & 15) * (value >> 5 & 127);
        }
        sum = fold(sum, column);
    }
    return sum;
}

// ---- a state machine: counts the kinds of words in a program's text ----------------------------

typedef enum { SPACE, NAME, NUMBER, FRACTION, HEX, TEXT, ESCAPE, COMMENT, STATES } state_t;

static const char SOURCE[] =
    "def blink(pin, n=10):  # on and off\n"
    "    while n > 0x0f and pin.value() != 3.25:\n"
    "        led.toggle(); delay_ms(125)\n"
    "        print('turn \\'%d\\' of\\t', n, 'left')\n"
    "        n = n - 1 if n % 7 else n - 0b11\n"
    "total = 40.75e2 + 1024 * (x1 + y2) // 3  # \"quoted\" here\n";

static state_t step(state_t state, char c)
{
    switch (state) {
    case TEXT:
        return c == '\\' ? ESCAPE : c == '\'' ? SPACE : TEXT;
    case ESCAPE:
        return TEXT;
    case COMMENT:
        return c == '\n' ? SPACE : COMMENT;
    case NUMBER:
        if (c == 'x' || c == 'b') {
            return HEX;
        }
        // fall through
    case FRACTION:
        if (c >= '0' && c <= '9') {
            return state;
        }
        if (c == '.' || c == 'e') {
            return FRACTION;
        }
        break;
    case HEX:
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
            return HEX;
        }
        break;
    case NAME:
        if (c >= '0' && c <= '9') {
            return NAME;
        }
        break;
    default:
        break;
    }
    if ((c >= 'a' && c <= 'z') || c == '_') {
        return NAME;
    }
    if (c >= '0' && c <= '9') {
        return NUMBER;
    }
    return c == '\'' ? TEXT : c == '#' ? COMMENT : SPACE;
}

static uint32_t run_states(work_t *w, uint32_t sum)
{
    uint32_t entered[STATES] = {0};
    for (int turn = 0; turn < 6; turn++) {
        state_t state = SPACE;
        uint32_t garble = next_random(&w->seed) % (sizeof SOURCE - 1);
        for (uint32_t i = 0; i < sizeof SOURCE - 1; i++) {
            state_t next = step(state, i == garble ? '\'' : SOURCE[i]);
            if (next != state) {
                entered[next]++;
            }
            state = next;
        }
    }
    for (int i = 0; i < STATES; i++) {
        sum = fold(sum, entered[i]);
    }
    return sum;
}

// ---- integers: CRC by bits, greatest common divisors, primes, wide products --------------------

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint32_t run_integers(work_t *w, uint32_t sum)
{
    uint32_t crc = 0xFFFFFFFF;
    for (int i = 0; i < 64; i++) {
        crc ^= next_random(&w->seed) & 255;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
        }
    }
    sum = fold(sum, crc);
    for (int i = 0; i < 48; i++) {
        uint32_t a = next_random(&w->seed) >> 4;
        uint32_t b = next_random(&w->seed) >> 8 | 1;
        sum = fold(sum, gcd(a, b));
    }
    uint32_t primes = 0;
    for (int i = 2; i < SIEVE; i++) {
        w->composite[i] = 0;
    }
    for (int i = 2; i < SIEVE; i++) {
        if (!w->composite[i]) {
            primes++;
            for (int j = i * 2; j < SIEVE; j += i) {
                w->composite[j] = 1;
            }
        }
    }
    sum = fold(sum, primes);
    uint64_t power = sum | 1;
    for (int i = 0; i < 200; i++) {
        power = (power * power >> 16) + (uint32_t)i;
    }
    return fold(sum, (uint32_t)power);
}

uint32_t mix_run(uint32_t rounds)
{
    static work_t work;
    uint32_t sum = 0x5eed;
    work.seed = 2463534242u;
    for (uint32_t i = 0; i < rounds; i++) {
        sum = run_list(&work, sum);
        sum = run_matrix(&work, sum);
        sum = run_states(&work, sum);
        sum = run_integers(&work, sum);
    }
    return sum;
}
