/* SPDX-License-Identifier: MIT
 * libc.c: memcpy and its kind for memory that knows only words: text of the firmware is in flash. Bytes are cut out of
 * aligned words, so reading never leaves the words that the data lies in. The compiler's loads are not relied on: this
 * file is built without -mforce-l32, and its loops must not become calls of themselves.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HOT __attribute__((section(".iram.text")))

typedef uint32_t __attribute__((may_alias)) word_t;

static inline uint32_t byte_at(const void *p)
{
    uintptr_t at = (uintptr_t)p;
    uint32_t w = *(const word_t *)(at & ~3u);
    __asm__("" : "+r"(w)); /* or it becomes a load of a byte */
    return w >> (at & 3) * 8 & 0xff;
}

HOT void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (n >= 8) {
        for (; (uintptr_t)t & 3; n--)
            *t++ = (uint8_t)byte_at(f++);
        word_t *tw = (word_t *)t;
        if (((uintptr_t)f & 3) == 0) {
            const word_t *fw = (const word_t *)f;
            for (; n >= 16; n -= 16, fw += 4, tw += 4) {
                uint32_t a = fw[0], b = fw[1], c = fw[2], d = fw[3];
                tw[0] = a;
                tw[1] = b;
                tw[2] = c;
                tw[3] = d;
            }
            for (; n >= 4; n -= 4)
                *tw++ = *fw++;
            f = (const uint8_t *)fw;
        } else {
            uint32_t shift = ((uintptr_t)f & 3) * 8;
            const word_t *fw = (const word_t *)((uintptr_t)f & ~3u);
            uint32_t w = *fw++;
            for (; n >= 4; n -= 4, f += 4) {
                uint32_t next = *fw++;
                *tw++ = w >> shift | next << (32 - shift);
                w = next;
            }
        }
        t = (uint8_t *)tw;
    }
    for (; n; n--)
        *t++ = (uint8_t)byte_at(f++);
    return to;
}

HOT void *memmove(void *to, const void *from, size_t n)
{
    if ((uintptr_t)to - (uintptr_t)from >= n)
        return memcpy(to, from, n);
    uint8_t *t = (uint8_t *)to + n;
    const uint8_t *f = (const uint8_t *)from + n;
    if ((((uintptr_t)t ^ (uintptr_t)f) & 3) == 0) {
        for (; n && (uintptr_t)t & 3; n--)
            *--t = (uint8_t)byte_at(--f);
        for (; n >= 4; n -= 4) {
            t -= 4;
            f -= 4;
            *(word_t *)t = *(const word_t *)f;
        }
    }
    for (; n; n--)
        *--t = (uint8_t)byte_at(--f);
    return to;
}

HOT void *memset(void *to, int c, size_t n)
{
    uint8_t *t = to;
    for (; n && (uintptr_t)t & 3; n--)
        *t++ = (uint8_t)c;
    uint32_t w = (uint8_t)c;
    w |= w << 8;
    w |= w << 16;
    for (; n >= 4; n -= 4, t += 4)
        *(word_t *)t = w;
    for (; n; n--)
        *t++ = (uint8_t)c;
    return to;
}

HOT int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a, *q = b;
    if ((((uintptr_t)p | (uintptr_t)q) & 3) == 0)
        for (; n >= 4 && *(const word_t *)p == *(const word_t *)q; n -= 4) {
            p += 4;
            q += 4;
        }
    for (; n; n--, p++, q++) {
        int d = (int)byte_at(p) - (int)byte_at(q);
        if (d)
            return d;
    }
    return 0;
}

HOT size_t strlen(const char *s)
{
    const char *p = s;
    for (; (uintptr_t)p & 3; p++)
        if (!byte_at(p))
            return (size_t)(p - s);
    while (!((*(const word_t *)p - 0x01010101u) & ~*(const word_t *)p & 0x80808080u))
        p += 4;
    while (byte_at(p))
        p++;
    return (size_t)(p - s);
}

void *memchr(const void *s, int c, size_t n)
{
    for (const uint8_t *p = s; n; n--, p++)
        if (byte_at(p) == (uint8_t)c)
            return (void *)(uintptr_t)p;
    return NULL;
}

int strcmp(const char *a, const char *b)
{
    for (;; a++, b++) {
        int x = (int)byte_at(a), d = x - (int)byte_at(b);
        if (d || !x)
            return d;
    }
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++) {
        int x = (int)byte_at(a), d = x - (int)byte_at(b);
        if (d || !x)
            return d;
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        uint32_t x = byte_at(s);
        if (x == (uint8_t)c)
            return (char *)(uintptr_t)s;
        if (!x)
            return NULL;
    }
}

char *strcpy(char *restrict to, const char *restrict from)
{
    return memcpy(to, from, strlen(from) + 1);
}

size_t strcspn(const char *s, const char *stop)
{
    const char *p = s;
    while (byte_at(p) && !strchr(stop, (int)byte_at(p)))
        p++;
    return (size_t)(p - s);
}
