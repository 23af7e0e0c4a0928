// SPDX-License-Identifier: MIT
// Memory and strings. Words where the addresses allow it, so that what lies in instruction memory can be copied and
// filled.
#include "rom.h"

static bool aligned(const void *a, const void *b) { return (((uintptr_t)a | (uintptr_t)b) & 3) == 0; }

void *memcpy(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (aligned(d, s)) {
        uint32_t *dw = to;
        const uint32_t *sw = from;
        for (; n >= 16; n -= 16, dw += 4, sw += 4) {
            uint32_t a = sw[0], b = sw[1], c = sw[2], e = sw[3];
            dw[0] = a, dw[1] = b, dw[2] = c, dw[3] = e;
        }
        for (; n >= 4; n -= 4)
            *dw++ = *sw++;
        d = (uint8_t *)dw;
        s = (const uint8_t *)sw;
    }
    while (n--)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (d <= s || d >= s + n)
        return memcpy(to, from, n);
    d += n, s += n;
    if (aligned(d, s))
        for (; n >= 4; n -= 4) {
            d -= 4, s -= 4;
            *(uint32_t *)d = *(const uint32_t *)s;
        }
    while (n--)
        *--d = *--s;
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    uint8_t *d = to;
    uint32_t word = (byte & 0xFF) * 0x01010101u;
    for (; n && (uintptr_t)d & 3; n--)
        *d++ = byte;
    for (; n >= 16; n -= 16, d += 16) {
        uint32_t *w = (uint32_t *)d;
        w[0] = word, w[1] = word, w[2] = word, w[3] = word;
    }
    for (; n >= 4; n -= 4, d += 4)
        *(uint32_t *)d = word;
    while (n--)
        *d++ = byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    if (aligned(x, y))
        for (; n >= 4 && *(const uint32_t *)x == *(const uint32_t *)y; n -= 4)
            x += 4, y += 4;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void bzero(void *to, size_t n) { memset(to, 0, n); }

size_t strlen(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return end - s;
}

char *strcpy(char *to, const char *from)
{
    char *d = to;
    while ((*d++ = *from++)) {}
    return to;
}

char *strncpy(char *to, const char *from, size_t n)
{
    size_t i = 0;
    for (; i < n && from[i]; i++)
        to[i] = from[i];
    for (; i < n; i++)
        to[i] = 0;
    return to;
}

int strcmp(const char *a, const char *b)
{
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
    while (*x && *x == *y)
        x++, y++;
    return *x - *y;
}

int strncmp(const char *a, const char *b, size_t n)
{
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
    for (; n; n--, x++, y++)
        if (*x != *y || !*x)
            return *x - *y;
    return 0;
}

char *strstr(const char *s, const char *what)
{
    size_t n = strlen(what);
    for (; strncmp(s, what, n); s++)
        if (!*s)
            return NULL;
    return (char *)s;
}

void xthal_bcopy(const void *from, void *to, size_t n);
void xthal_bcopy(const void *from, void *to, size_t n) { memmove(to, from, n); }

void *ets_memset(void *to, int byte, size_t n) ALIAS(memset);
void *ets_memcpy(void *to, const void *from, size_t n) ALIAS(memcpy);
void *xthal_memcpy(void *to, const void *from, size_t n) ALIAS(memcpy);
void *ets_memmove(void *to, const void *from, size_t n) ALIAS(memmove);
int ets_memcmp(const void *a, const void *b, size_t n) ALIAS(memcmp);
void ets_bzero(void *to, size_t n) ALIAS(bzero);
size_t ets_strlen(const char *s) ALIAS(strlen);
char *ets_strcpy(char *to, const char *from) ALIAS(strcpy);
char *ets_strncpy(char *to, const char *from, size_t n) ALIAS(strncpy);
int ets_strcmp(const char *a, const char *b) ALIAS(strcmp);
int ets_strncmp(const char *a, const char *b, size_t n) ALIAS(strncmp);
char *ets_strstr(const char *s, const char *what) ALIAS(strstr);

// A digit's value; 1 and no value for what is no digit.
int ets_char2xdigit(char c, uint8_t *value);
int ets_char2xdigit(char c, uint8_t *value)
{
    if (c >= '0' && c <= '9')
        *value = c - '0';
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
        *value = (c | 32) - 'a' + 10;
    else
        return 1;
    return 0;
}

// "18:fe:34:00:11:22" with any one character between. 0 good.
int ets_str2macaddr(uint8_t *mac, const char *text);
int ets_str2macaddr(uint8_t *mac, const char *text)
{
    for (unsigned i = 0; i < 6; i++, text += 3) {
        uint8_t high, low;
        if (ets_char2xdigit(text[0], &high) || ets_char2xdigit(text[1], &low))
            return 1;
        mac[i] = high << 4 | low;
        if (i < 5 && !text[2])
            return 1;
    }
    return 0;
}

// ---- Numbers ------------------------------------------------------------------------------------------------------

uint32_t roundup2(uint32_t x, uint32_t to);
uint32_t roundup2(uint32_t x, uint32_t to) { return (x + to - 1) & ~(to - 1); }

// x / y, rounded up, times y, for what is no power of two.
uint32_t multofup(uint32_t x, uint32_t y);
uint32_t multofup(uint32_t x, uint32_t y) { return y ? (x + y - 1) / y * y : 0; }

// The generator keeps its state where newlib's struct _reent has it.
uint32_t libc_reent[256] SECTION(".data.libc_reent") = {[42] = 1};
uint32_t *libc_reent_at SECTION(".data.libc_reent_at") = libc_reent;

void srand(unsigned seed);
int rand(void);
void srand(unsigned seed)
{
    libc_reent_at[42] = seed;
    libc_reent_at[43] = 0;
}

int rand(void)
{
    uint64_t x = (uint64_t)libc_reent_at[43] << 32 | libc_reent_at[42];
    x = x * 0x5851F42D4C957F2D + 1;
    libc_reent_at[42] = (uint32_t)x;
    libc_reent_at[43] = x >> 32;
    return (x >> 32) & 0x7FFFFFFF;
}
