// SPDX-License-Identifier: GPL-2.0-or-later
// Telnet with the COM port control option, a state machine over bytes. See rfc2217.h.
//
// Answered: all commands of RFC 2217 3.1 and 3.2. A value that the port cannot have (mark and space parity,
// flow control by hardware or characters) is answered with the one it has. Modem lines towards the computer
// are all off, as boards do not connect them, so NOTIFY-MODEMSTATE comes once. Line states are not told.
// Other Telnet options are refused, unknown commands passed over.
#include "host/rfc2217.h"
#include <string.h>

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { STATE_DATA, STATE_IAC, STATE_OPTION, STATE_SUB, STATE_SUB_IAC };
enum { COM_PORT = 44, FROM_SERVER = 100 };
enum {
    SIGNATURE, SET_BAUDRATE, SET_DATASIZE, SET_PARITY, SET_STOPSIZE, SET_CONTROL, NOTIFY_LINESTATE,
    NOTIFY_MODEMSTATE, FLOWCONTROL_SUSPEND, FLOWCONTROL_RESUME, SET_LINESTATE_MASK, SET_MODEMSTATE_MASK,
    PURGE_DATA,
};
enum { PURGE_FROM_BOARD = 1, PURGE_TO_BOARD = 2 }; // 3: both

// Options that both sides may have, by the bit that stands for them.
static const uint8_t options[] = {0 /* binary */, 1 /* echo */, 3 /* suppress go-ahead */, COM_PORT};
enum { BINARY_BIT = 1, ECHO_BIT = 2, ALL_BITS = 15 };

// ---- Answers ------------------------------------------------------------------------------------------

static void say(rfc2217_t *t, uint8_t verb, uint8_t option)
{
    const uint8_t bytes[] = {IAC, verb, option};
    g_byte_array_append(t->replies, bytes, sizeof bytes);
}

static void answer(rfc2217_t *t, uint8_t command, const uint8_t *value, size_t n)
{
    const uint8_t head[] = {IAC, SB, COM_PORT, command + FROM_SERVER}, tail[] = {IAC, SE};
    g_byte_array_append(t->replies, head, sizeof head);
    for (size_t i = 0; i < n; i++) {
        uint8_t two[2];
        g_byte_array_append(t->replies, two, rfc2217_escape(value[i], two));
    }
    g_byte_array_append(t->replies, tail, sizeof tail);
}

static void answer_byte(rfc2217_t *t, uint8_t command, uint8_t value)
{
    answer(t, command, &value, 1);
}

static void control(rfc2217_t *t, serial_what_t what, uint32_t value)
{
    t->control = (serial_control_t){what, value};
    t->has_control = true;
}

// ---- Telnet's options ---------------------------------------------------------------------------------

static uint8_t option_bit(uint8_t option)
{
    for (unsigned i = 0; i < sizeof options; i++)
        if (options[i] == option)
            return 1u << i;
    return 0;
}

// Answers only what changes something, so that two sides never go round in circles.
static void negotiate(rfc2217_t *t, uint8_t verb, uint8_t option)
{
    bool ours = verb == DO || verb == DONT, on = verb == DO || verb == WILL;
    uint8_t bit = option_bit(option), *state = ours ? &t->us : &t->them;
    if (!ours && bit == ECHO_BIT)
        bit = 0; // a terminal that echoes what the board writes would talk to itself
    if (on && !bit)
        say(t, ours ? WONT : DONT, option);
    if (!bit || on == !!(*state & bit))
        return;
    *state ^= bit;
    say(t, ours ? (on ? WILL : WONT) : (on ? DO : DONT), option);
}

// ---- The port -----------------------------------------------------------------------------------------

static void set_baud(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    if (n < 4)
        return;
    uint32_t baud = (uint32_t)value[0] << 24 | value[1] << 16 | value[2] << 8 | value[3];
    if (baud && baud <= SERIAL_BAUD_MAX) { // 0 asks
        t->baud = baud;
        control(t, SERIAL_BAUD, baud);
    }
    const uint8_t now[] = {t->baud >> 24, t->baud >> 16 & 0xFF, t->baud >> 8 & 0xFF, t->baud & 0xFF};
    answer(t, SET_BAUDRATE, now, 4);
}

static void set_datasize(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    if (value[0] >= 5 && value[0] <= 8)
        control(t, SERIAL_BITS, t->bits = value[0]);
    answer_byte(t, SET_DATASIZE, t->bits);
}

static void set_parity(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    static const char names[] = {0, 'n', 'o', 'e'};
    if (value[0] >= 1 && value[0] < sizeof names)
        control(t, SERIAL_PARITY, (uint32_t)names[t->parity = value[0]]);
    answer_byte(t, SET_PARITY, t->parity);
}

static void set_stopsize(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    static const uint8_t halves[] = {0, 2, 4, 3};
    if (value[0] >= 1 && value[0] < sizeof halves)
        control(t, SERIAL_HALF_STOPS, halves[t->stops = value[0]]);
    answer_byte(t, SET_STOPSIZE, t->stops);
}

// Values of SET-CONTROL come in threes, the first of which asks: flow control 0-3, break 4, DTR 7, RTS 10,
// flow control inbound 13-19.
static void set_control(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    enum { NO_FLOW = 1, BREAK = 4, DTR = 7, RTS = 10, INBOUND = 13, NO_INBOUND = 14, END = 20 };
    uint8_t v = value[0];
    if (v < BREAK) {
        answer_byte(t, SET_CONTROL, NO_FLOW);
    } else if (v < DTR) {
        if (v != BREAK)
            control(t, SERIAL_BREAK, t->brk = v == BREAK + 1);
        answer_byte(t, SET_CONTROL, t->brk ? BREAK + 1 : BREAK + 2);
    } else if (v < INBOUND) {
        uint8_t ask = v < RTS ? DTR : RTS, bit = v < RTS ? SERIAL_DTR : SERIAL_RTS;
        if (v != ask) {
            t->lines = v == ask + 1 ? t->lines | bit : t->lines & ~bit;
            control(t, SERIAL_LINES, t->lines);
        }
        answer_byte(t, SET_CONTROL, t->lines & bit ? ask + 1 : ask + 2);
    } else if (v < END) {
        answer_byte(t, SET_CONTROL, NO_INBOUND);
    }
}

static void signature(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    if (!n) // it asks; otherwise it says who it is
        answer(t, SIGNATURE, (const uint8_t *)"Solderless", 10);
}

static void suspend(rfc2217_t *t, const uint8_t *value, unsigned n) { t->suspended = true; }
static void resume(rfc2217_t *t, const uint8_t *value, unsigned n) { t->suspended = false; }

static void linestate_mask(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    answer_byte(t, SET_LINESTATE_MASK, value[0]);
}

static void modemstate_mask(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    answer_byte(t, SET_MODEMSTATE_MASK, value[0]);
    answer_byte(t, NOTIFY_MODEMSTATE, 0);
}

static void purge(rfc2217_t *t, const uint8_t *value, unsigned n)
{
    if (value[0] & PURGE_TO_BOARD) // nothing from the board waits here
        control(t, SERIAL_PURGE, 0);
    answer_byte(t, PURGE_DATA, value[0]);
}

static const struct {
    void (*run)(rfc2217_t *t, const uint8_t *value, unsigned n);
    uint8_t least; // bytes of value
} commands[] = {
    [SIGNATURE] = {signature, 0},
    [SET_BAUDRATE] = {set_baud, 4},
    [SET_DATASIZE] = {set_datasize, 1},
    [SET_PARITY] = {set_parity, 1},
    [SET_STOPSIZE] = {set_stopsize, 1},
    [SET_CONTROL] = {set_control, 1},
    [FLOWCONTROL_SUSPEND] = {suspend, 0},
    [FLOWCONTROL_RESUME] = {resume, 0},
    [SET_LINESTATE_MASK] = {linestate_mask, 1},
    [SET_MODEMSTATE_MASK] = {modemstate_mask, 1},
    [PURGE_DATA] = {purge, 1},
};

// One that is longer than any command was cut off at the end of `sub`, and is none.
static void subnegotiation(rfc2217_t *t)
{
    if (t->sub_len < 2 || t->sub_len == sizeof t->sub || t->sub[0] != COM_PORT)
        return;
    uint8_t command = t->sub[1];
    unsigned n = t->sub_len - 2;
    if (command < G_N_ELEMENTS(commands) && commands[command].run && n >= commands[command].least)
        commands[command].run(t, t->sub + 2, n);
}

// ---- Bytes --------------------------------------------------------------------------------------------

static void sub_byte(rfc2217_t *t, uint8_t byte)
{
    if (t->sub_len < sizeof t->sub)
        t->sub[t->sub_len++] = byte;
}

static void command_byte(rfc2217_t *t, uint8_t byte)
{
    t->state = STATE_DATA;
    if (byte == SB) {
        t->state = STATE_SUB;
        t->sub_len = 0;
    } else if (byte >= WILL && byte <= DONT) {
        t->state = STATE_OPTION;
        t->verb = byte;
    } // others have no meaning for a port
}

// Takes a byte; TRUE: it is data.
static bool take(rfc2217_t *t, uint8_t byte)
{
    bool data = false;
    switch (t->state) {
    case STATE_DATA:
        // A terminal that is not in binary mode writes CR NUL for CR.
        data = byte != IAC && !(byte == 0 && t->after_cr && !(t->them & BINARY_BIT));
        t->after_cr = byte == '\r';
        if (byte == IAC)
            t->state = STATE_IAC;
        break;
    case STATE_IAC:
        data = byte == IAC;
        command_byte(t, byte);
        break;
    case STATE_OPTION:
        t->state = STATE_DATA;
        negotiate(t, t->verb, byte);
        break;
    case STATE_SUB:
        if (byte == IAC)
            t->state = STATE_SUB_IAC;
        else
            sub_byte(t, byte);
        break;
    case STATE_SUB_IAC:
        t->state = STATE_SUB;
        if (byte == IAC) {
            sub_byte(t, byte);
            break;
        }
        t->state = STATE_DATA;
        if (byte == SE)
            subnegotiation(t);
        else
            command_byte(t, byte); // its end is missing
        break;
    }
    return data;
}

size_t rfc2217_read(rfc2217_t *t, const uint8_t *from, size_t n, uint8_t *to, size_t *got)
{
    size_t taken = 0;
    *got = 0;
    while (taken < n && !t->has_control)
        if (take(t, from[taken++]))
            to[(*got)++] = from[taken - 1];
    return taken;
}

bool rfc2217_control(rfc2217_t *t, serial_control_t *to)
{
    bool has = t->has_control;
    if (has)
        *to = t->control;
    t->has_control = false;
    return has;
}

unsigned rfc2217_escape(uint8_t byte, uint8_t to[2])
{
    to[0] = to[1] = byte;
    return byte == IAC ? 2 : 1;
}

// ---- Clients come and go ------------------------------------------------------------------------------

void rfc2217_init(rfc2217_t *t, uint32_t baud)
{
    *t = (rfc2217_t){.baud = baud, .bits = 8, .parity = 1, .stops = 1, .replies = g_byte_array_new()};
}

void rfc2217_clear(rfc2217_t *t)
{
    if (t->replies)
        g_byte_array_unref(t->replies);
}

void rfc2217_open(rfc2217_t *t)
{
    t->state = STATE_DATA;
    t->after_cr = t->suspended = t->has_control = false;
    t->us = ALL_BITS;
    t->them = ALL_BITS & ~ECHO_BIT;
    g_byte_array_set_size(t->replies, 0);
    for (unsigned i = 0; i < sizeof options; i++) {
        say(t, WILL, options[i]);
        if (t->them & 1u << i)
            say(t, DO, options[i]);
    }
}

bool rfc2217_closed(rfc2217_t *t, serial_control_t *to)
{
    t->has_control = false;
    if (t->lines)
        *to = (serial_control_t){SERIAL_LINES, t->lines = 0};
    else if (t->brk)
        *to = (serial_control_t){SERIAL_BREAK, t->brk = 0};
    else
        return false;
    return true;
}
