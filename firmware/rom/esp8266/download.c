// SPDX-License-Identifier: MIT
// The loader's protocol on UART0 (esptool's documentation, "Serial Protocol"). Packets in SLIP: 0, command, length,
// checksum, data from the host; 1, command, length, value, data and two bytes of status from here.
#include "rom.h"

enum {
    FLASH_BEGIN = 2, FLASH_DATA, FLASH_END, MEM_BEGIN, MEM_END, MEM_DATA, SYNC, WRITE_REG, READ_REG, SPI_PARAMS,
};
enum { GOOD = 0, ERR_INVALID = 5, ERR_FAILED = 6, ERR_CHECKSUM = 7, ERR_FLASH_WRITE = 8 };
enum { HEAD = 8, DATA_HEAD = 16, ROOM = 0x1900, CHECKSUM_START = 0xEF, SYNC_ANSWERS = 8 };

int recv_packet(void *to, uint32_t room, uint8_t already_begun);

// A packet is received where no program is yet: in the data memory's last part. A host that loads something there
// ends with overwriting it by its own next packet, as on the chip where the ROM's buffers stand in the way.
#define PACKET ((uint8_t *)0x3FFFA000)

typedef struct state {
    uint32_t address, block_size, blocks, next; // of the transfer under way
    bool flash, open;
    bool leave;
} state_t;

static uint32_t word(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }

static void answer(unsigned command, uint32_t value, unsigned status)
{
    uint8_t a[HEAD + 2] = {1, (uint8_t)command, 2, 0, (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                           (uint8_t)(value >> 24), status != GOOD, (uint8_t)status};
    send_packet(a, sizeof a);
}

static unsigned begin(state_t *s, const uint8_t *data, bool flash)
{
    *s = (state_t){.address = word(data + 12), .block_size = word(data + 8), .blocks = word(data + 4), .flash = flash,
                   .open = true};
    if (!flash)
        return GOOD;
    SPIUnlock();
    return SPIEraseArea(s->address, word(data)) ? ERR_FAILED : GOOD;
}

static void store(uint8_t *to, const uint8_t *from, uint32_t n) // also to where only words can be written
{
    for (; n >= 4; n -= 4, to += 4, from += 4)
        *(uint32_t *)to = word(from);
    for (; n; n--)
        *to++ = *from++;
}

static unsigned data_block(state_t *s, const uint8_t *data, uint32_t length, uint32_t checksum)
{
    uint32_t n = word(data), sequence = word(data + 4), sum = CHECKSUM_START;
    data += DATA_HEAD;
    if (!s->open || n > length - DATA_HEAD)
        return ERR_INVALID;
    for (uint32_t i = 0; i < n; i++)
        sum ^= data[i];
    if (sum != checksum)
        return ERR_CHECKSUM;
    if (sequence != s->next || sequence >= s->blocks)
        return ERR_INVALID;
    s->next++;
    uint32_t to = s->address + sequence * s->block_size;
    if (s->flash)
        return SPIWrite(to, data, n) ? ERR_FLASH_WRITE : GOOD;
    store((uint8_t *)to, data, n);
    return GOOD;
}

static void write_register(const uint8_t *data)
{
    uint32_t address = word(data), value = word(data + 4), mask = word(data + 8);
    if (mask != 0xFFFFFFFF)
        value = (REG(address) & ~mask) | (value & mask);
    REG(address) = value;
    ets_delay_us(word(data + 12));
}

// The least data that a command has; 0xFF: no such command.
static unsigned least_data(unsigned command)
{
    static const uint8_t least[] = {0xFF, 0xFF, 16, 16, 4, 16, 8, 16, 36, 16, 4, 24};
    return command < sizeof least ? least[command] : 0xFF;
}

static unsigned run(state_t *s, unsigned command, const uint8_t *data, uint32_t length, uint32_t checksum,
                    uint32_t *value)
{
    switch (command) {
    case FLASH_BEGIN: return begin(s, data, true);
    case MEM_BEGIN: return begin(s, data, false);
    case FLASH_DATA:
    case MEM_DATA: return data_block(s, data, length, checksum);
    case FLASH_END:
        s->open = false;
        s->leave = word(data) == 0;
        return GOOD;
    case MEM_END:
        s->open = false;
        s->leave = word(data) == 0;
        if (s->leave)
            user_start = (void (*)(void))word(data + 4);
        return GOOD;
    case WRITE_REG: write_register(data); return GOOD;
    case SYNC: *value = word(data); return GOOD; // not 0: esptool takes that for its own stub
    case READ_REG: *value = REG(word(data) & ~3u); return GOOD;
    case SPI_PARAMS:
        return SPIParamCfg(word(data), word(data + 4), word(data + 8), word(data + 12), word(data + 16),
                           word(data + 20));
    default: return GOOD;
    }
}

void download(void)
{
    state_t s = {0};
    uint8_t *p = PACKET;
    uart_div_modify(0, uart_baudrate_detect(0, 0));
    while (!s.leave) {
        uint32_t n = recv_packet(p, ROOM, 0);
        if (n < HEAD || p[0] != 0)
            continue;
        unsigned command = p[1];
        uint32_t length = p[2] | p[3] << 8, value = 0;
        if (least_data(command) == 0xFF || length > n - HEAD || length < least_data(command)) {
            answer(command, 0, ERR_INVALID);
            continue;
        }
        unsigned status = run(&s, command, p + HEAD, length, word(p + 4), &value);
        for (unsigned i = 0; i < (command == SYNC ? SYNC_ANSWERS : 1); i++)
            answer(command, value, status);
    }
    uart_flush(0);
}
