// SPDX-License-Identifier: GPL-2.0-or-later
// Serial flash memory of 4 MB, or of the size of the memory "flash": a Winbond W25Q32FV (its data
// sheet, chapters 7 to 9), which is what the ROM of the ESP8266 takes for granted.
//
// Modelled: all reads (03 0B 3B 6B BB EB), page program with wrap in the page (02 32), erase of 4,
// 32 and 64 KB and of all (20 52 D8 C7 60), write enable with its rules, the three status
// registers, volatile and not, block protection (BP TB SEC CMP), QE, identification (9F 90 AB 4B),
// deep power-down and its 3 us, software reset. Programming only clears bits. Times are the data
// sheet's typical ones: 30 us for the first byte and 2.5 us for each one more, 0.7 ms at most; 45,
// 120 and 150 ms; 10 s for 4 MB; 10 ms for a status register. While busy only the status can be
// read; MISO of a chip that does not answer is high. Not modelled: suspend and resume, SFDP (reads
// as 1s), security registers, QPI, the pins /WP and /HOLD, how many wires carry what (a bit is a
// bit), continuous read mode (the mode bits are ignored).
//
// A CPU whose code is in the flash window, with the cache on, stands still while the chip is busy,
// and this is reported: the part would fetch rubbish at the first miss.
#include "spi_flash.h"
#include "power_cut.h"
#include <string.h>

enum { SR_WIP = 1 << 0, SR_WEL = 1 << 1, SR1_TB = 1 << 5, SR1_SEC = 1 << 6, SR1_WRITABLE = 0xFC };
enum { SR2_QE = 1 << 1, SR2_CMP = 1 << 6, SR2_WRITABLE = 0x7B, SR2_ONCE = 0x38 };
enum { SR3_WRITABLE = 0xE7 };
enum { KB = 1024 };
enum { ERASE_4K_MS = 45, ERASE_32K_MS = 120, ERASE_64K_MS = 150, ERASE_1M_MS = 2500, STATUS_MS = 10,
       WAKE_US = 3, RESET_US = 30 };

// flags
enum { WHILE_BUSY = 1, QUAD = 2, NEEDS_WEL = 4 };

struct spi_flash_op {
    uint8_t opcode, address, dummy, flags; // bytes of address and of what comes between it and data
    uint8_t (*out)(spi_flash_t *f, uint32_t n);           // data byte n
    void (*in)(spi_flash_t *f, uint32_t n, uint8_t byte);
    void (*end)(spi_flash_t *f); // deselected after all of the opcode and address
};

static uint32_t wrap(const spi_flash_t *f, uint32_t address)
{
    return address & (f->mem->size - 1);
}

static unsigned size_log2(const spi_flash_t *f) { return g_bit_storage(f->mem->size - 1); }

// ---- What takes time ---------------------------------------------------------------------------

static const char *work_name(const spi_flash_t *f)
{
    static const char *const names[] = {"nothing", "program", "erase", "write of the status"};
    return names[f->work];
}

static void changed(spi_flash_t *f) { bus_code_changed(f->m->bus, f->mem, f->first, f->count); }

static void complete(spi_flash_t *f)
{
    uint8_t *to = f->mem->data + f->first;
    if (f->work == SPI_FLASH_ERASE)
        memset(to, 0xFF, f->count);
    for (uint32_t i = 0; f->work == SPI_FLASH_PROGRAM && i < f->count; i++)
        to[i] &= f->page[i];
    if (f->work == SPI_FLASH_STATUS) {
        memcpy(f->status, f->new_status, sizeof f->status);
        if (f->keep_status)
            memcpy(f->kept, f->new_status, sizeof f->kept);
    } else {
        changed(f);
    }
    f->work = SPI_FLASH_IDLE;
    f->status[0] &= ~(SR_WIP | SR_WEL);
}

// The power has gone in the middle of it.
static void complete_half(spi_flash_t *f)
{
    uint8_t *to = f->mem->data + f->first;
    power_cut_noise_t n = power_cut_noise_begin(f->m, f->steps);
    if (f->work == SPI_FLASH_PROGRAM)
        for (uint32_t i = 0; i < (f->count + 1) / 2; i++) // the last of them only in part
            to[i] &= f->page[i] | (i == f->count / 2 ? power_cut_noise(&n) : 0);
    if (f->work == SPI_FLASH_ERASE)
        power_cut_erase(to, f->count, &n);
    if (f->work != SPI_FLASH_STATUS)
        changed(f);
    f->work = SPI_FLASH_IDLE;
}

// What was being written is then as after a power cut.
static void start_anew(spi_flash_t *f)
{
    if (event_pending(&f->event)) {
        machine_cancel(f->m, &f->event);
        complete_half(f);
    }
    memcpy(f->status, f->kept, sizeof f->status);
    f->work = SPI_FLASH_IDLE;
    f->ready_ps = 0;
    f->volatile_write = f->asleep = f->off = f->reset_enabled = false;
    spi_flash_select(f);
    line_set(f->power_fail, false);
}

static void power_fails(spi_flash_t *f, const char *when, const char *work)
{
    f->off = true;
    machine_report(f->m, REPORT_NOTE, 0,
                   "flash: the power fails at step %u, %s of %u bytes at 0x%06x %s", f->cut_at,
                   work, f->count, f->first, when);
    line_set(f->power_fail, true);
    machine_pause(f->m);
}

static void due(void *ctx, uint64_t now)
{
    spi_flash_t *f = ctx;
    const char *work = work_name(f);
    bool counts = f->work != SPI_FLASH_STATUS;
    if (counts && f->cut_at == f->steps - 1) {
        complete_half(f);
        power_fails(f, "half way", work);
        return;
    }
    complete(f);
    if (counts && f->cut_at == f->steps)
        power_fails(f, "just done", work);
}

static void stop_code(spi_flash_t *f, uint64_t end)
{
    machine_t *m = f->m;
    uint32_t window = f->mem->window ? f->mem->window : f->mem->size;
    if (!m->cpu || f->mem->off || m->cpu->cls->pc(m->cpu) - f->mem->base >= window)
        return;
    machine_report(m, REPORT_GUEST_ERROR, m->cpu->cls->pc(m->cpu),
                   "flash: %s is begun by code in flash with the cache on", work_name(f));
    machine_stall(m, end);
}

static void begin(spi_flash_t *f, spi_flash_work_t work, uint32_t first, uint32_t count,
                  uint64_t ps)
{
    f->work = work;
    f->first = first;
    f->count = count;
    f->status[0] |= SR_WIP;
    uint64_t now = machine_now_ps(f->m);
    stop_code(f, now + ps);
    if (work != SPI_FLASH_STATUS)
        f->steps += 2;
    bool half = work != SPI_FLASH_STATUS && f->cut_at == f->steps - 1;
    machine_at(f->m, &f->event, now + (half ? ps / 2 : ps));
}

// ---- Protection --------------------------------------------------------------------------------

// 7.1.11: the block that BP and SEC tell, at the end that TB tells; CMP turns it round.
static bool protected(const spi_flash_t *f, uint32_t first, uint32_t count)
{
    uint32_t size = f->mem->size, bp = f->status[0] >> 2 & 7, block;
    if (f->status[0] & SR1_SEC && bp && bp < 7)
        block = MIN(4u * KB << (bp - 1), 32u * KB);
    else
        block = bp == 7 ? size : bp ? MAX(64 * KB, size / 64) << (bp - 1) : 0;
    block = MIN(block, size);
    bool bottom = f->status[0] & SR1_TB, inverse = f->status[1] & SR2_CMP;
    uint32_t from = bottom ? 0 : size - block, to = from + block;
    if (inverse) { // the rest lies at the other end
        from = bottom ? block : 0;
        to = bottom ? size : size - block;
    }
    return first < to && from < first + count;
}

static bool refused(spi_flash_t *f, uint32_t first, uint32_t count, const char *what)
{
    if (!protected(f, first, count))
        return false;
    machine_report(f->m, REPORT_GUEST_ERROR, (f->mem->base + first) | (count != SPI_FLASH_PAGE),
                   "flash: %s at 0x%06x, which the status register protects", what, first);
    f->status[0] &= ~SR_WEL;
    return true;
}

// ---- Commands ----------------------------------------------------------------------------------

static uint8_t read_data(spi_flash_t *f, uint32_t n)
{
    return f->mem->data[wrap(f, f->address + n)];
}

static void program_data(spi_flash_t *f, uint32_t n, uint8_t byte)
{
    f->page[(f->address + n) % SPI_FLASH_PAGE] = byte;
    f->page_bytes = MIN(n + 1, SPI_FLASH_PAGE);
}

// The page buffer was all ones: what has not come stays as it is.
static void program(spi_flash_t *f)
{
    uint32_t first = wrap(f, f->address) & ~(SPI_FLASH_PAGE - 1u), n = f->page_bytes;
    if (!n || refused(f, first, SPI_FLASH_PAGE, "program"))
        return;
    uint64_t ns = MIN(30000 + 2500 * (uint64_t)(n - 1), 700000);
    // Only the bytes that came, if they are in one piece: that is what a power cut halves.
    uint32_t skip = f->address % SPI_FLASH_PAGE;
    if (skip + n <= SPI_FLASH_PAGE)
        memmove(f->page, f->page + skip, n);
    else
        skip = 0, n = SPI_FLASH_PAGE;
    begin(f, SPI_FLASH_PROGRAM, first + skip, n, ns * PS_PER_NS);
}

static void erase(spi_flash_t *f, uint32_t bytes, uint64_t ms)
{
    uint32_t first = wrap(f, f->address) & ~(bytes - 1);
    if (!refused(f, first, bytes, "erase"))
        begin(f, SPI_FLASH_ERASE, first, bytes, ms * PS_PER_MS);
}

static void erase_4k(spi_flash_t *f) { erase(f, 4 * KB, ERASE_4K_MS); }
static void erase_32k(spi_flash_t *f) { erase(f, 32 * KB, ERASE_32K_MS); }
static void erase_64k(spi_flash_t *f) { erase(f, 64 * KB, ERASE_64K_MS); }

static void erase_all(spi_flash_t *f)
{
    f->address = 0;
    erase(f, f->mem->size, (uint64_t)ERASE_1M_MS * f->mem->size / (1024 * KB));
}

static void write_enable(spi_flash_t *f) { f->status[0] |= SR_WEL; }
static void write_disable(spi_flash_t *f) { f->status[0] &= ~SR_WEL; }
static void volatile_enable(spi_flash_t *f) { f->volatile_write = true; }

static unsigned which_status(const spi_flash_t *f)
{
    uint8_t op = f->op->opcode;
    return op == 0x35 || op == 0x31 ? 1 : op == 0x15 || op == 0x11 ? 2 : 0;
}

static uint8_t read_status(spi_flash_t *f, uint32_t n) { return f->status[which_status(f)]; }

// Opcode 01 takes the second register too.
static void status_data(spi_flash_t *f, uint32_t n, uint8_t byte)
{
    static const uint8_t writable[3] = {SR1_WRITABLE, SR2_WRITABLE, SR3_WRITABLE};
    unsigned i = which_status(f) + n;
    if (n == 0)
        memcpy(f->new_status, f->status, sizeof f->new_status);
    if (n > 1 || (n == 1 && f->op->opcode != 0x01))
        return;
    f->new_status[i] = (f->status[i] & ~writable[i]) | (byte & writable[i]);
    if (i == 1) // the lock bits of the security registers are never cleared
        f->new_status[1] |= f->status[1] & SR2_ONCE;
    f->page_bytes = n + 1;
}

static void write_status(spi_flash_t *f)
{
    bool keep = f->status[0] & SR_WEL;
    if (!f->page_bytes || (!keep && !f->volatile_write))
        return;
    f->keep_status = keep;
    f->volatile_write = false;
    f->new_status[0] &= ~(SR_WIP | SR_WEL);
    if (keep) {
        begin(f, SPI_FLASH_STATUS, 0, 0, STATUS_MS * PS_PER_MS);
    } else {
        f->work = SPI_FLASH_STATUS;
        complete(f);
    }
}

static uint8_t jedec_id(spi_flash_t *f, uint32_t n)
{
    return n % 3 == 0 ? 0xEF : n % 3 == 1 ? 0x40 : size_log2(f);
}

// The address tells which of the two comes first.
static uint8_t maker_id(spi_flash_t *f, uint32_t n)
{
    return (n + f->address) % 2 == 0 ? 0xEF : size_log2(f) - 1;
}

static uint8_t device_id(spi_flash_t *f, uint32_t n) { return size_log2(f) - 1; }

static uint8_t unique_id(spi_flash_t *f, uint32_t n)
{
    uint64_t id = (f->m->seed + 1) * UINT64_C(0xD1E2A3B4C5967889);
    return id >> (56 - 8 * (n % 8));
}

static void sleep_now(spi_flash_t *f) { f->asleep = true; }
static void nothing(spi_flash_t *f) {}

static void wake(spi_flash_t *f)
{
    f->ready_ps = machine_now_ps(f->m) + WAKE_US * PS_PER_US;
    f->asleep = false;
}

static void reset_enable(spi_flash_t *f) { f->reset_enabled = true; }

static void reset(spi_flash_t *f)
{
    if (!f->reset_enabled)
        return;
    start_anew(f);
    f->ready_ps = machine_now_ps(f->m) + RESET_US * PS_PER_US;
}

static const spi_flash_op_t ops[] = {
    {0x03, 3, 0, 0, read_data, NULL, NULL},
    {0x0B, 3, 1, 0, read_data, NULL, NULL},
    {0x3B, 3, 1, 0, read_data, NULL, NULL},
    {0x6B, 3, 1, QUAD, read_data, NULL, NULL},
    {0xBB, 3, 1, 0, read_data, NULL, NULL},
    {0xEB, 3, 3, QUAD, read_data, NULL, NULL},
    {0x02, 3, 0, NEEDS_WEL, NULL, program_data, program},
    {0x32, 3, 0, NEEDS_WEL | QUAD, NULL, program_data, program},
    {0x20, 3, 0, NEEDS_WEL, NULL, NULL, erase_4k},
    {0x52, 3, 0, NEEDS_WEL, NULL, NULL, erase_32k},
    {0xD8, 3, 0, NEEDS_WEL, NULL, NULL, erase_64k},
    {0xC7, 0, 0, NEEDS_WEL, NULL, NULL, erase_all},
    {0x60, 0, 0, NEEDS_WEL, NULL, NULL, erase_all},
    {0x06, 0, 0, 0, NULL, NULL, write_enable},
    {0x04, 0, 0, 0, NULL, NULL, write_disable},
    {0x50, 0, 0, 0, NULL, NULL, volatile_enable},
    {0x05, 0, 0, WHILE_BUSY, read_status, NULL, NULL},
    {0x35, 0, 0, WHILE_BUSY, read_status, NULL, NULL},
    {0x15, 0, 0, WHILE_BUSY, read_status, NULL, NULL},
    {0x01, 0, 0, 0, NULL, status_data, write_status},
    {0x31, 0, 0, 0, NULL, status_data, write_status},
    {0x11, 0, 0, 0, NULL, status_data, write_status},
    {0x9F, 0, 0, 0, jedec_id, NULL, NULL},
    {0x90, 3, 0, 0, maker_id, NULL, NULL},
    {0x4B, 0, 4, 0, unique_id, NULL, NULL},
    {0xB9, 0, 0, 0, NULL, NULL, sleep_now},
    {0xAB, 0, 3, 0, device_id, NULL, wake},
    {0xA3, 0, 0, 0, NULL, NULL, nothing}, // high performance mode of older chips
    {0x66, 0, 0, WHILE_BUSY, NULL, NULL, reset_enable},
    {0x99, 0, 0, WHILE_BUSY, NULL, NULL, reset},
    {0xFF, 0, 0, 0, NULL, NULL, nothing}, // ends a mode that it is not in
};

static const spi_flash_op_t *find_op(spi_flash_t *f, uint8_t opcode)
{
    bool busy = f->status[0] & SR_WIP;
    if (f->off || (f->asleep && opcode != 0xAB) || machine_now_ps(f->m) < f->ready_ps)
        return NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(ops); i++) {
        const spi_flash_op_t *op = &ops[i];
        if (op->opcode != opcode)
            continue;
        if (op->flags & QUAD && !(f->status[1] & SR2_QE)) {
            machine_report(f->m, REPORT_GUEST_ERROR, f->mem->base | opcode,
                           "flash: opcode 0x%02x without QE in its status register", opcode);
            return NULL;
        }
        return busy && !(op->flags & WHILE_BUSY) ? NULL : op;
    }
    if (!busy) {
        g_autofree char *what = g_strdup_printf("opcode 0x%02x of the flash chip", opcode);
        machine_unmodelled(f->m, f->mem->base | opcode, what);
    }
    return NULL;
}

// ---- Bits and bytes ----------------------------------------------------------------------------

void spi_flash_select(spi_flash_t *f)
{
    f->op = NULL;
    f->at = f->address = f->page_bytes = 0;
    f->bits = f->in = 0;
    f->out = 0xFF;
    if (!(f->status[0] & SR_WIP)) // else it is still at work with it
        memset(f->page, 0xFF, sizeof f->page);
}

// A byte has come; gives the one that goes out next.
static uint8_t next_byte(spi_flash_t *f, uint8_t byte)
{
    uint32_t i = f->at++;
    if (i == 0)
        f->op = find_op(f, byte);
    const spi_flash_op_t *op = f->op;
    if (!op)
        return 0xFF;
    uint32_t data = 1 + op->address + op->dummy;
    if (i && i <= op->address)
        f->address = f->address << 8 | byte;
    else if (i >= data && op->in)
        op->in(f, i - data, byte);
    return f->at >= data && op->out ? op->out(f, f->at - data) : 0xFF;
}

uint32_t spi_flash_bits(spi_flash_t *f, uint32_t out, unsigned n)
{
    uint32_t got = 0;
    while (n--) {
        got = got << 1 | f->out >> 7;
        f->out = f->out << 1 | 1;
        f->in = f->in << 1 | (out >> n & 1);
        if (++f->bits == 8) {
            f->bits = 0;
            f->out = next_byte(f, f->in);
        }
    }
    return got;
}

// A command counts when the chip is deselected at the end of a byte.
void spi_flash_deselect(spi_flash_t *f)
{
    const spi_flash_op_t *op = f->op;
    bool whole = op && f->bits == 0 && f->at > op->address;
    if (whole && op->end && (!(op->flags & NEEDS_WEL) || f->status[0] & SR_WEL))
        op->end(f);
    if (whole && op->opcode != 0x66)
        f->reset_enabled = false;
    f->op = NULL;
}

// ---- Power -------------------------------------------------------------------------------------

void spi_flash_power(spi_flash_t *f)
{
    start_anew(f);
    f->steps = 0;
}

void spi_flash_init(spi_flash_t *f, machine_t *m, mem_t *mem, line_t *power_fail)
{
    f->m = m;
    f->mem = mem;
    f->power_fail = power_fail;
    event_init(&f->event, "flash chip", due, f);
}
