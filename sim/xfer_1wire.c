// SPDX-License-Identifier: GPL-2.0-or-later
// 1-Wire slaves. See xfer.h. Rules and times: Maxim DS18B20 data sheet (19-7487), chapters "1-Wire
// bus system" and "1-Wire signaling"; application note 187 for the search.
//
// The slave's own times are the typical ones: it answers a reset 30 us after the rise with 120 us
// of presence, samples a slot 30 us after its fall, and holds a 0 as long. A low of 480 us or more
// is a reset; one between 120 and 480 us is neither that nor a slot: it counts as a 0 and is
// reported. After less than 1 us of high no new slot is seen. Not modelled: overdrive speed,
// resume, the spread of times between devices, how fast a weak pull-up lifts a long wire.
#include "machine.h"
#include "xfer.h"

#define RESET_PS    (480 * PS_PER_US)
#define ANSWER_PS   (30 * PS_PER_US)
#define PRESENCE_PS (120 * PS_PER_US)
#define SAMPLE_PS   (30 * PS_PER_US)
#define LONGEST_PS  (120 * PS_PER_US)
#define RECOVERY_PS (1 * PS_PER_US)

enum { READ_ROM = 0x33, MATCH_ROM = 0x55, SKIP_ROM = 0xCC, SEARCH_ROM = 0xF0, ALARM_SEARCH = 0xEC };

enum { ASLEEP, ANSWERING, PRESENT, COMMAND, READING, MATCHING, SEARCHING, SELECTED };

uint8_t onewire_crc(const uint8_t *data, unsigned n)
{
    unsigned crc = 0;
    for (unsigned i = 0; i < n; i++) {
        crc ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x8C : 0);
    }
    return (uint8_t)crc;
}

static void enter(onewire_t *w, unsigned state)
{
    w->state = (uint8_t)state;
    w->at = w->search = 0;
    if (state == SELECTED && w->selected)
        w->selected(w->ctx);
}

// ---- ROM commands ------------------------------------------------------------------------------

static bool rom_bit(const onewire_t *w)
{
    return w->rom[w->at >> 3] >> (w->at & 7) & 1;
}

static void rom_command(onewire_t *w)
{
    switch (w->command) {
    case READ_ROM:
        enter(w, READING);
        break;
    case MATCH_ROM:
        enter(w, MATCHING);
        break;
    case SKIP_ROM:
        enter(w, SELECTED);
        break;
    case SEARCH_ROM:
        enter(w, SEARCHING);
        break;
    case ALARM_SEARCH:
        enter(w, w->alarm && w->alarm(w->ctx) ? SEARCHING : ASLEEP);
        break;
    default:
        enter(w, ASLEEP);
        break;
    }
}

// What this slave sends in the slot that begins; negative: it listens.
static int slot_begins(onewire_t *w)
{
    switch (w->state) {
    case READING:
        return rom_bit(w);
    case SEARCHING:
        return w->search == 0 ? rom_bit(w) : w->search == 1 ? !rom_bit(w) : -1;
    case SELECTED:
        return w->slot(w->ctx);
    default:
        return -1;
    }
}

// A bit of the address has passed; after the last one comes `next`.
static void address_bit_over(onewire_t *w, unsigned next)
{
    if (++w->at == 64)
        enter(w, next);
}

static void slot_ends(onewire_t *w, bool bit)
{
    switch (w->state) {
    case COMMAND:
        w->command = (uint8_t)(w->command >> 1 | bit << 7);
        if (++w->at == 8)
            rom_command(w);
        break;
    case READING:
        address_bit_over(w, SELECTED);
        break;
    case MATCHING:
        if (bit == rom_bit(w))
            address_bit_over(w, SELECTED);
        else
            enter(w, ASLEEP);
        break;
    case SEARCHING: // bit, its complement, the master's choice; after the last one it waits for a
                    // reset
        if (w->search < 2) {
            w->search++;
        } else if (bit == rom_bit(w)) {
            w->search = 0;
            address_bit_over(w, ASLEEP);
        } else {
            enter(w, ASLEEP);
        }
        break;
    case SELECTED:
        w->bit(w->ctx, bit);
        break;
    default:
        break;
    }
}

// ---- The wire ----------------------------------------------------------------------------------

static void timer(void *ctx, uint64_t now_ps)
{
    onewire_t *w = ctx;
    if (w->state == ANSWERING) {
        w->state = PRESENT;
        pin_drive(w->dq, DRIVE_STRONG, 0);
        machine_at(w->dq->part->m, &w->timer, now_ps + PRESENCE_PS);
        return;
    }
    if (w->state == PRESENT) {
        pin_release(w->dq);
        w->command = 0;
        enter(w, COMMAND);
        return;
    }
    bool bit = w->sending >= 0 ? w->sending : pin_level(w->dq);
    if (w->sending == 0)
        pin_release(w->dq);
    slot_ends(w, bit);
}

static void fell(onewire_t *w, uint64_t now)
{
    w->fell_ps = now;
    if (w->state < COMMAND || event_pending(&w->timer) || now - w->rose_ps < RECOVERY_PS)
        return;
    w->sending = (int8_t)slot_begins(w);
    machine_at(w->dq->part->m, &w->timer, now + SAMPLE_PS);
    if (w->sending == 0)
        pin_drive(w->dq, DRIVE_STRONG, 0);
}

static void rose(onewire_t *w, uint64_t now)
{
    machine_t *m = w->dq->part->m;
    uint64_t width = now - w->fell_ps;
    w->rose_ps = now;
    if (width >= RESET_PS) {
        w->state = ANSWERING;
        machine_at(m, &w->timer, now + ANSWER_PS);
    } else if (width > LONGEST_PS && w->state >= COMMAND && !w->told) {
        w->told = true;
        machine_report(m, REPORT_WARNING, 0, "%s: a low of %.1f us is neither a slot nor a reset",
                       w->dq->part->name, (double)width / PS_PER_US);
    }
}

static void dq_edge(void *ctx, pin_t *pin)
{
    onewire_t *w = ctx;
    bool low = !pin_level(pin);
    if (low == w->low)
        return;
    w->low = low;
    if (!w->on)
        return;
    if (low)
        fell(w, machine_now_ps(pin->part->m));
    else
        rose(w, machine_now_ps(pin->part->m));
}

void onewire_attach(onewire_t *w, pin_t *dq)
{
    w->dq = dq;
    w->low = !pin_level(dq);
    event_init(&w->timer, "1-wire", timer, w);
    dq->edge = dq_edge;
    dq->edge_ctx = w;
}

void onewire_power(onewire_t *w, bool on)
{
    if (on == w->on)
        return;
    w->on = on;
    w->fell_ps = w->rose_ps = machine_now_ps(w->dq->part->m);
    machine_cancel(w->dq->part->m, &w->timer);
    pin_release(w->dq);
    enter(w, ASLEEP);
}
