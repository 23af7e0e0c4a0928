// SPDX-License-Identifier: MIT
// Formatted output: %d %i %u %x %X %o %p %s %c %%, with 0, -, width and precision; l and h are passed over.
#include "rom.h"

const char hex_digits[17] SECTION(".data.hex_digits") = "0123456789ABCDEF";

struct printf_state {
    uint32_t unused[3];
    putc_t putc1, putc2;
    void *hooks[2];
    uint32_t buf_len;
} printf_state SECTION(".bss.printf_state");
struct printf_state *printf_state_at SECTION(".bss.printf_state_at");

void ets_install_putc1(putc_t put);
void ets_install_putc2(putc_t put);
uint32_t est_get_printf_buf_remain_len(void);
void est_reset_printf_buf_len(void);
int ets_uart_printf(const char *format, ...);
void _putc1(char c);

void ets_install_putc1(putc_t put) { printf_state.putc1 = put; }
void ets_install_putc2(putc_t put) { printf_state.putc2 = put; }
uint32_t est_get_printf_buf_remain_len(void) { return printf_state.buf_len; }
void est_reset_printf_buf_len(void) { printf_state.buf_len = 0; }

// A line ends with carriage return and line feed on the wire.
void _putc1(char c)
{
    if (c == '\n')
        uart_tx_one_char('\r');
    if (c != '\r')
        uart_tx_one_char(c);
}

void ets_install_uart_printf(void)
{
    printf_state_at = &printf_state;
    ets_install_putc1(_putc1);
}

void ets_write_char(char c)
{
    if (printf_state.putc1)
        printf_state.putc1(c);
    if (printf_state.putc2)
        printf_state.putc2(c);
}

typedef struct out {
    putc_t put;
    int n, width, precision;
    bool zero, left;
} out_t;

static void put_repeated(out_t *o, char c, int n)
{
    for (; n > 0; n--, o->n++)
        o->put(c);
}

static void put_field(out_t *o, const char *text, int n, bool number)
{
    int pad = o->width - n;
    if (!o->left && !(number && o->zero))
        put_repeated(o, ' ', pad);
    if (number && n && *text == '-' && o->zero && !o->left) {
        put_repeated(o, '-', 1);
        text++, n--;
    }
    if (number && o->zero && !o->left)
        put_repeated(o, '0', pad);
    for (int i = 0; i < n; i++, o->n++)
        o->put(text[i]);
    if (o->left)
        put_repeated(o, ' ', pad);
}

static void put_number(out_t *o, uint32_t x, unsigned base, bool minus, bool upper)
{
    char text[36], *end = text + sizeof text, *p = end;
    int least = o->precision < 0 ? 1 : o->precision > 32 ? 32 : o->precision;
    for (; x || end - p < least; x /= base) {
        char c = hex_digits[x % base];
        *--p = upper || c < 'A' ? c : c | 32;
    }
    if (minus)
        *--p = '-';
    if (o->precision >= 0)
        o->zero = false;
    put_field(o, p, end - p, true);
}

static void put_string(out_t *o, const char *s)
{
    if (!s)
        s = "<null>";
    int n = 0;
    while ((o->precision < 0 || n < o->precision) && s[n])
        n++;
    put_field(o, s, n, false);
}

static const char *number_at(const char *f, int *to)
{
    for (*to = 0; *f >= '0' && *f <= '9'; f++)
        *to = *to * 10 + *f - '0';
    return f;
}

// What follows %, up to the letter.
static const char *options(out_t *o, const char *f, va_list *args)
{
    o->zero = o->left = false;
    o->precision = -1;
    for (; *f == '0' || *f == '-' || *f == ' ' || *f == '+' || *f == '#'; f++) {
        o->zero |= *f == '0';
        o->left |= *f == '-';
    }
    if (*f == '*') {
        o->width = va_arg(*args, int);
        if (o->width < 0)
            o->left = true, o->width = -o->width;
        f++;
    } else {
        f = number_at(f, &o->width);
    }
    if (*f == '.') {
        if (*++f == '*')
            o->precision = va_arg(*args, int), f++;
        else
            f = number_at(f, &o->precision);
    }
    while (*f == 'l' || *f == 'h')
        f++;
    return f;
}

static void convert(out_t *o, char letter, va_list *args)
{
    switch (letter) {
    case 'd':
    case 'i': {
        int32_t x = va_arg(*args, int32_t);
        put_number(o, x < 0 ? -(uint32_t)x : (uint32_t)x, 10, x < 0, false);
        break;
    }
    case 'u': put_number(o, va_arg(*args, uint32_t), 10, false, false); break;
    case 'o': put_number(o, va_arg(*args, uint32_t), 8, false, false); break;
    case 'x':
    case 'p': put_number(o, va_arg(*args, uint32_t), 16, false, false); break;
    case 'X': put_number(o, va_arg(*args, uint32_t), 16, false, true); break;
    case 's': put_string(o, va_arg(*args, const char *)); break;
    case 'c': {
        char c = va_arg(*args, int);
        put_field(o, &c, 1, false);
        break;
    }
    case '%': put_repeated(o, '%', 1); break;
    default:
        put_repeated(o, '%', 1);
        put_repeated(o, letter, 1);
    }
}

int ets_vprintf(putc_t put, const char *format, va_list args)
{
    va_list rest;
    va_copy(rest, args);
    out_t o = {.put = put};
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put_repeated(&o, *f, 1);
            continue;
        }
        f = options(&o, f + 1, &rest);
        if (!*f)
            break;
        convert(&o, *f, &rest);
    }
    va_end(rest);
    return o.n;
}

int ets_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = ets_vprintf(ets_write_char, format, args);
    va_end(args);
    return n;
}

int ets_uart_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = ets_vprintf(_putc1, format, args);
    va_end(args);
    return n;
}

// An entry that has nothing behind it: said once for each of the first sixteen.
void rom_tell_missing(uint32_t address);
void rom_tell_missing(uint32_t address)
{
    static uint32_t told[16];
    for (unsigned i = 0; i < 16; i++) {
        if (told[i] == address)
            return;
        if (!told[i]) {
            told[i] = address;
            ets_printf("rom: 0x%08x is not there\n", (unsigned)address);
            return;
        }
    }
}
