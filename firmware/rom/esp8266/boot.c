// SPDX-License-Identifier: MIT
// What runs after a reset: says hello, looks at why and at the straps, loads an image from flash or waits for one on
// UART0.
#include "rom.h"

enum { IMAGE_MAGIC = 0xE9, IMAGE_BLOCK = 16, CHECKSUM_START = 0xEF, MOST_SEGMENTS = 16 };
enum { STRAP_UART = 1, STRAP_JUMP = 2, STRAP_FLASH = 3 };

static void stop(void)
{
    for (;;) {}
}

static unsigned strap(void) { return GPIO_IN >> 16 & 7; }

static uint32_t special(unsigned n)
{
    uint32_t v;
    switch (n) {
    case 0: __asm__ volatile("rsr %0, epc2" : "=a"(v)); return v;
    case 1: __asm__ volatile("rsr %0, epc3" : "=a"(v)); return v;
    case 2: __asm__ volatile("rsr %0, excvaddr" : "=a"(v)); return v;
    default: __asm__ volatile("rsr %0, depc" : "=a"(v)); return v;
    }
}

static void fatal(exc_frame_t *frame, unsigned cause)
{
    ets_printf("Fatal exception (%d): \n", cause);
    ets_printf("epc1=0x%08x, epc2=0x%08x, epc3=0x%08x, excvaddr=0x%08x, depc=0x%08x\n", (unsigned)frame->epc1,
               (unsigned)special(0), (unsigned)special(1), (unsigned)special(2), (unsigned)special(3));
    stop();
}

static void install_handlers(void)
{
    static const uint8_t causes[] = {0, 2, 3, 8, 9, 28, 29};
    for (unsigned i = 0; i < sizeof causes; i++)
        _xtos_set_exception_handler(causes[i], fatal);
}

// ---- Image from flash ---------------------------------------------------------------------------------------------

typedef struct image_header {
    uint8_t magic, segments, mode, size_and_frequency;
    void (*entry)(void);
} image_header_t;

static void read_flash(uint32_t address, void *to, uint32_t n)
{
    if (SPIRead(address, to, n) == 0)
        return;
    ets_printf("flash read err, %s\n", "load");
    stop();
}

// The exclusive or of n bytes, n a multiple of four, by words.
static uint32_t xor_bytes(uint32_t sum, const uint32_t *data, uint32_t n)
{
    uint32_t x = 0;
    for (uint32_t i = 0; i < n / 4; i++)
        x ^= data[i];
    x ^= x >> 16;
    return (sum ^ x ^ x >> 8) & 0xFF;
}

// Segments lie one behind the other, each after eight bytes with its address and length. The lines tell how they lie
// in blocks of 16 bytes: what is left of a block behind a segment's head, how much of the last one it takes.
static void load_flash(void)
{
    image_header_t h;
    uint32_t at = sizeof h, sum = CHECKSUM_START, segment[2], last[1];
    read_flash(0, &h, sizeof h);
    if (h.magic != IMAGE_MAGIC || h.segments > MOST_SEGMENTS) {
        ets_printf("ets_main.c %d \n", 181);
        stop();
    }
    SPIFlashModeConfig(h.mode, h.size_and_frequency & 15);
    if (h.mode <= 3)
        SPIReadModeCnfig(h.mode);
    for (unsigned i = 0; i < h.segments; i++) {
        read_flash(at, segment, 8);
        at += 8;
        uint32_t room = IMAGE_BLOCK - at % IMAGE_BLOCK, n = segment[1] & ~3u;
        ets_printf("load 0x%08x, len %d, room %d \n", (unsigned)segment[0], (int)segment[1], (int)room);
        read_flash(at, (void *)segment[0], n);
        sum = xor_bytes(sum, (const uint32_t *)segment[0], n);
        at += n;
        uint32_t tail = at % IMAGE_BLOCK;
        ets_printf("tail %d\n", (int)tail);
        ets_printf("chksum 0x%02x\n", (unsigned)sum);
        if (i + 1u < h.segments && tail > IMAGE_BLOCK - 8)
            ets_printf("ho %d tail %d room %d\n", 0, (int)tail, (int)(IMAGE_BLOCK - tail));
    }
    read_flash(at | (IMAGE_BLOCK - 4), last, 4);
    ets_printf("csum 0x%02x\n", (unsigned)(last[0] >> 24));
    if (last[0] >> 24 != sum) {
        ets_printf("csum err\n");
        stop();
    }
    install_handlers();
    user_start = h.entry;
    user_start();
}

// ---- Which way ----------------------------------------------------------------------------------------------------

// GPIO15 high at reset: a host on the SDIO or HSPI pins would load the chip. There is none here.
static void loader(void)
{
    if (strap() == STRAP_UART)
        download();
    else if (strap() & 4) {
        ets_printf("waiting for host\n");
        stop();
    }
}

int main(void);
int main(void)
{
    uartAttach();
    Uart_Init(0);
    ets_install_uart_printf();
    uint32_t cause = rtc_get_reset_reason();
    ets_printf("\n ets %s,rst cause:%d, boot mode:(%d,%d)\n\n", "Jan  8 2013", (int)cause, strap(),
               (unsigned)(GPIO_IN >> 29));
    spi_flash_attach();
    if (cause == 0 || cause > 6) {
        ets_printf("unknown reset\n");
        stop();
    }
    if (cause == 4)
        ets_printf("wdt reset\n");
    if (cause == 1 || cause == 2 || cause == 4)
        loader();
    if (strap() == STRAP_FLASH || (strap() == STRAP_UART && !user_start))
        load_flash();
    install_handlers();
    if (!user_start)
        user_start = (void (*)(void))0x40100000;
    user_start();
    ets_printf("user code done\n");
    stop();
    return 0;
}
