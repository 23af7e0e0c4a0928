/* SPDX-License-Identifier: MIT
 * onewire.c: the module onewire: a master of the 1-Wire bus on any pin (Maxim's application notes 126 and 187 for its
 * times and its search). The pin is open drain with its pull-up; interrupts are off within a slot, and nowhere else.
 */
#include "onewire.h"
#include "number.h"
#include "seq.h"
#include "text.h"

enum {
    RESET_US = 480, PRESENCE_US = 70, RESET_REST_US = 410, /* low; to the look; the rest of the answer's time */
    SHORT_LOW_US = 5, LONG_LOW_US = 60, SLOT_REST_US = 5, SLOT_US = 60, /* a one, a zero, what follows the zero */
    READ_LOW_US = 2, READ_US = 9 /* to the look, which must be within 15 us of the fall */
};
enum { SEARCH_ROM = 0xf0, MATCH_ROM = 0x55, SKIP_ROM = 0xcc };

typedef struct wire {
    const type_t *type;
    val_t pin; /* what programs see */
    uintptr_t number;
} wire_t;

/* An exception as any other, but that it does not stand in core/. */
static val_t error_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    return type_Exception.make(type, n, nkw, args);
}

static void error_print(out_t *out, val_t self, print_t how) { type_Exception.print(out, self, how); }

static const type_t type_OneWireError = {TYPE_HEAD, .name = Q(OneWireError), .base = &type_Exception,
                                         .flags = T_EXC | T_HAS_DICT, .trace = TRACE_WORDS, .trace_from = 1,
                                         .trace_to = 7, .make = error_make, .print = error_print};

static unsigned pin_of(val_t self)
{
    if (type_of(self) != &type_OneWire)
        raise_type("a OneWire is needed");
    return (unsigned)((wire_t *)obj_of(self))->number;
}

/* ---- slots: where fetching code takes time of its own, they must not wait for that ---- */

#define SLOT ADDER_HOT __attribute__((noinline))

SLOT bool onewire_reset(unsigned pin)
{
    hal_pin_write(pin, false);
    hal_delay_us(RESET_US);
    uint32_t state = hal_irq_disable();
    hal_pin_write(pin, true);
    hal_delay_us(PRESENCE_US);
    bool present = !hal_pin_read(pin);
    hal_irq_restore(state);
    hal_delay_us(RESET_REST_US);
    return present && hal_pin_read(pin); /* a wire that stays low is no answer */
}

static SLOT bool read_bit(unsigned pin)
{
    uint32_t state = hal_irq_disable();
    hal_pin_write(pin, false);
    hal_delay_us(READ_LOW_US);
    hal_pin_write(pin, true);
    hal_delay_us(READ_US);
    bool bit = hal_pin_read(pin);
    hal_irq_restore(state);
    hal_delay_us(SLOT_US);
    return bit;
}

static SLOT void write_bit(unsigned pin, bool bit)
{
    uint32_t state = hal_irq_disable();
    hal_pin_write(pin, false);
    hal_delay_us(bit ? SHORT_LOW_US : LONG_LOW_US);
    hal_pin_write(pin, true);
    hal_irq_restore(state);
    hal_delay_us(bit ? SLOT_US : SLOT_REST_US);
}

uint8_t onewire_read(unsigned pin)
{
    unsigned byte = 0;
    for (unsigned i = 0; i < 8; i++)
        byte |= (unsigned)read_bit(pin) << i;
    return (uint8_t)byte;
}

void onewire_write(unsigned pin, unsigned byte)
{
    for (unsigned i = 0; i < 8; i++)
        write_bit(pin, byte >> i & 1);
}

uint8_t onewire_crc8(const uint8_t *data, size_t n)
{
    unsigned crc = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned byte = data[i];
        for (unsigned bit = 0; bit < 8; bit++, byte >>= 1)
            crc = crc >> 1 ^ ((crc ^ byte) & 1 ? 0x8c : 0);
    }
    return (uint8_t)crc;
}

unsigned onewire_pin(val_t wire) { return pin_of(wire); }

void onewire_must_reset(unsigned pin)
{
    vm_poll();
    if (!onewire_reset(pin))
        raise_new(&type_OneWireError, 0, NULL);
}

void onewire_select(unsigned pin, const uint8_t rom[8])
{
    onewire_write(pin, MATCH_ROM);
    for (unsigned i = 0; i < 8; i++)
        onewire_write(pin, rom[i]);
}

void onewire_select_all(unsigned pin) { onewire_write(pin, SKIP_ROM); }

/* ---- search ---- */

/* One walk through the tree of addresses: at forks before `fork` as last time, at `fork` to the zero, after it to the
 * one (ones come first, as in MicroPython). Returns the last fork where the one was taken (0: this was the last
 * device), or negative: nobody is there. */
static int walk(unsigned pin, uint8_t rom[8], int fork)
{
    int next = 0;
    if (!onewire_reset(pin))
        return -1;
    onewire_write(pin, SEARCH_ROM);
    for (int i = 1; i <= 64; i++) {
        uint8_t *byte = &rom[(i - 1) / 8], mask = (uint8_t)(1 << (i - 1) % 8);
        bool bit = read_bit(pin), inverse = read_bit(pin);
        if (bit && inverse)
            return -1;
        if (!bit && !inverse) {
            bit = i < fork ? (*byte & mask) != 0 : i != fork;
            if (bit)
                next = i;
        }
        write_bit(pin, bit);
        *byte = (uint8_t)(bit ? *byte | mask : *byte & ~mask);
    }
    return next;
}

val_t onewire_scan(unsigned pin)
{
    enum { MOST = 1000 }; /* noise does not search for ever */
    uint8_t rom[8] = {0};
    int fork = 0;
    val_t found = list_new(0, NULL);
    for (unsigned i = 0; i < MOST; i++) {
        vm_poll();
        fork = walk(pin, rom, fork);
        if (fork < 0)
            break;
        list_append(list_of(found), bytearray_new(rom, sizeof rom));
        if (fork == 0)
            break;
    }
    return found;
}

/* ---- the class ---- */

static val_t wire_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 1, 1);
    const pin_t *pin = pin_arg(args[0]);
    wire_t *w = HEAP_NEW(type, wire_t);
    w->pin = pin_by_number((unsigned)pin->number);
    w->number = pin->number;
    hal_pin_write((unsigned)pin->number, true);
    hal_pin_config((unsigned)pin->number, HAL_OPEN_DRAIN, HAL_PULL_UP, 0);
    return V_OBJ(w);
}

static val_t wire_reset(unsigned n, const val_t *args)
{
    unsigned pin = pin_of(args[0]);
    bool present = onewire_reset(pin);
    if (!present && n > 1 && op_is_true(args[1]))
        raise_new(&type_OneWireError, 0, NULL);
    return V_BOOL(present);
}

static val_t wire_readbit(val_t self) { return V_INT(read_bit(pin_of(self))); }
static val_t wire_readbyte(val_t self) { return V_INT(onewire_read(pin_of(self))); }

static val_t wire_readinto(val_t self, val_t buffer)
{
    buffer_t buf;
    op_buffer(buffer, &buf, true);
    for (size_t i = 0; i < buf.size; i++)
        ((uint8_t *)buf.data)[i] = onewire_read(pin_of(self));
    return V_NONE;
}

static val_t wire_writebit(val_t self, val_t value)
{
    write_bit(pin_of(self), int_arg(value) & 1);
    return V_NONE;
}

static val_t wire_writebyte(val_t self, val_t value)
{
    onewire_write(pin_of(self), (unsigned)int_arg(value));
    return V_NONE;
}

static val_t wire_write(val_t self, val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    for (size_t i = 0; i < buf.size; i++)
        onewire_write(pin_of(self), ((const uint8_t *)buf.data)[i]);
    return V_NONE;
}

const uint8_t *onewire_rom(val_t rom)
{
    buffer_t buf;
    op_buffer(rom, &buf, false);
    if (buf.size != 8)
        raise_value("a ROM code has 8 bytes");
    return buf.data;
}

static val_t wire_select_rom(val_t self, val_t rom)
{
    unsigned pin = pin_of(self);
    const uint8_t *bytes = onewire_rom(rom);
    onewire_reset(pin);
    onewire_select(pin, bytes);
    return V_NONE;
}

static val_t wire_scan(val_t self) { return onewire_scan(pin_of(self)); }

static val_t wire_crc8(val_t self, val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    return V_INT(onewire_crc8(buf.data, buf.size));
}

static val_t get_pin(val_t self) { return ((wire_t *)obj_of(self))->pin; }

static const dict_entry_t wire_table[] = {
    METHOD_V(reset, wire_reset, 1, 2),
    METHOD_1(readbit, wire_readbit),
    METHOD_1(readbyte, wire_readbyte),
    METHOD_2(readinto, wire_readinto),
    METHOD_2(writebit, wire_writebit),
    METHOD_2(writebyte, wire_writebyte),
    METHOD_2(write, wire_write),
    METHOD_2(select_rom, wire_select_rom),
    METHOD_1(scan, wire_scan),
    METHOD_2(crc8, wire_crc8),
    PROPERTY(pin, get_pin, NULL),
    {VQ(SEARCH_ROM), V_INT(SEARCH_ROM)},
    {VQ(MATCH_ROM), V_INT(MATCH_ROM)},
    {VQ(SKIP_ROM), V_INT(SKIP_ROM)},
};
static const dict_t wire_attrs = ROM_DICT(wire_table);
const type_t type_OneWire = {TYPE_HEAD, .name = Q(OneWire), .attrs = &wire_attrs, .make = wire_make};

static const dict_entry_t onewire_table[] = {
    {VQ(OneWire), V_OBJ(&type_OneWire)},
    {VQ(OneWireError), V_OBJ(&type_OneWireError)},
};
MODULE(onewire, onewire_table);
