// SPDX-License-Identifier: GPL-2.0-or-later
// Transfers: bytes that take time on wires. Hardware controllers and bit-banged pins meet here.
//
// A device (sensor, display, serial monitor) is written once, against the calls below. A hardware
// controller moves whole bytes at the right simulated times, found through the nets that its pins
// are on; pins toggled by software are decoded here into the same calls. Where a net is watched
// (net_watched), byte transfers are also drawn as edges with their exact times.
//
// The structs are embedded in their owners, zeroed; nothing is allocated.
#pragma once
#include "event.h"
#include "net.h"

// ---- UART ---------------------------------------------------------------------------------------
typedef struct uart_frame {
    uint16_t data;      // up to 9 data bits, least significant first on the wire
    uint8_t bits;       // data bits, parity not counted
    char parity;        // 'n', 'e', 'o'
    uint8_t half_stops; // stop bits x 2
    bool brk;           // break: the line is low for the whole frame
    uint64_t bit_ps;    // one bit time
} uart_frame_t;

typedef enum {
    UART_OK = 0,
    UART_FRAMING = 1,
    UART_PARITY = 2,
    UART_NOISE = 4,
    UART_BREAK = 8,
} uart_err_t;

// A receiver. `format` is what it is set to; change it at any time while idle. It samples the
// incoming waveform in the middle of its own bit times, so a wrong baud rate gives the garbage
// that real hardware gives.
typedef struct uart_rx {
    pin_t *pin;
    uart_frame_t format;
    bool follow; // set to the format of each frame of a transmitter as it begins: nothing is garbage
    // Called at the end of the first stop bit, or at the next start bit if that comes earlier.
    void (*frame)(void *ctx, uint16_t data, unsigned errors, uint64_t now_ps);
    void *ctx;
    // Internal.
    struct machine *m;
    event_t sampled, done;
    uint64_t start_ps;     // saved: of the frame that is coming in
    uart_frame_t latched;  // saved: the format at its start
    uint32_t seen, next;   // saved: bits sampled so far, and how many
    uint16_t data;         // saved: of the complete frame that `done` will tell
    uint8_t errors;        // saved
    bool level, active;    // saved: line level; by edges: within a frame
    uint64_t busy_until_ps; // saved: middle of the stop bit of a frame that came as a whole
} uart_rx_t;

void uart_rx_attach(uart_rx_t *rx, pin_t *pin); // pin NULL detaches; the same pin again: no effect
// A start bit has come and its frame has not ended yet: the line is not idle.
bool uart_rx_busy(const uart_rx_t *rx);
// Sends one frame from `pin`, starting now; the caller waits uart_frame_ps before the next.
// The pin idles high (strong) between frames. pin NULL: goes nowhere.
typedef struct uart_tx {
    pin_t *pin;
    pad_t *pad; // on a chip: edges go through pad_drive, so that open drain is obeyed; else NULL
    // Internal.
    struct machine *m;
    event_t edge;
    uart_frame_t now;    // saved: frame that is being drawn
    uint64_t start_ps;   // saved
    unsigned next;       // saved: bit whose start is the next edge
} uart_tx_t;
void uart_tx_attach(uart_tx_t *tx, pin_t *pin);
void uart_tx_send(uart_tx_t *tx, const uart_frame_t *frame, uint64_t now_ps);
uint64_t uart_frame_ps(const uart_frame_t *frame); // whole frame with stop bits

// ---- I2C ----------------------------------------------------------------------------------------
// A target (device). All calls come at the end of the byte on the wire (read: before its first bit
// when the controller is bit-banged); ACK is true.
typedef struct i2c_target {
    pin_t *scl, *sda;
    bool (*start)(void *ctx, uint8_t address7, bool read); // addressed? (also on repeated start)
    bool (*write)(void *ctx, uint8_t byte);
    uint8_t (*read)(void *ctx);
    void (*stop)(void *ctx); // after a stop, or when another target was addressed; may be NULL
    void *ctx;
    bool selected; // saved; internal
    // Internal, saved: the decoder of bit-banged controllers.
    uint8_t state, bit, shift;
    bool reading, ack, scl_level, sda_level;
} i2c_target_t;
void i2c_target_attach(i2c_target_t *t, pin_t *scl, pin_t *sda);

// A target of byte registers: the first byte that is written to it is the pointer, which goes on with
// each register that is written or read.
typedef struct i2c_regs {
    uint8_t address;
    void (*write)(void *ctx, uint8_t reg, uint8_t value);
    uint8_t (*read)(void *ctx, uint8_t reg);
    uint8_t (*after)(void *ctx, uint8_t reg); // where the pointer goes from `reg` by reading; NULL: on by one
    void *ctx;
    bool on;         // saved: it answers; its owner sets this
    uint8_t pointer; // saved
    // Internal.
    bool pointed;    // saved: the pointer of this transfer has come
    i2c_target_t target;
} i2c_regs_t;
void i2c_regs_attach(i2c_regs_t *r, pin_t *scl, pin_t *sda);

// What a hardware controller calls, each at the end of its byte on the wire. A bus without
// pull-ups or held low never acknowledges: start returns I2C_STUCK when either line is not high.
typedef enum { I2C_NACK, I2C_ACK, I2C_STUCK } i2c_ack_t;
bool i2c_bus_ready(const pin_t *scl, const pin_t *sda); // both lines idle high
i2c_ack_t i2c_start(pin_t *scl, pin_t *sda, uint8_t address7, bool read, uint64_t bit_ps);
i2c_ack_t i2c_write(pin_t *scl, pin_t *sda, uint8_t byte, uint64_t bit_ps);
uint8_t i2c_read(pin_t *scl, pin_t *sda, bool ack, uint64_t bit_ps);
void i2c_stop(pin_t *scl, pin_t *sda, uint64_t bit_ps);

// ---- SPI ----------------------------------------------------------------------------------------
// A target on SCK/MOSI/MISO, selected by its CS pin (low); cs NULL = always selected. Bytes go most
// significant bit first. MISO is driven while selected.
typedef struct spi_target {
    pin_t *sck, *mosi, *miso, *cs; // mosi, miso, cs may be NULL
    uint8_t mode;  // CPOL << 1 | CPHA; 0 and 3 sample at the same edge and understand each other
    uint8_t reply; // what the next byte shifts out: set it in `select` and in `byte`
    void (*byte)(void *ctx, uint8_t mosi);         // a byte is complete
    void (*select)(void *ctx, bool selected);      // may be NULL
    void *ctx;
    // Internal, saved: the decoder of bit-banged masters.
    uint8_t in, out, bit;
    bool selected, sck_level;
} spi_target_t;
void spi_target_attach(spi_target_t *t, pin_t *sck, pin_t *mosi, pin_t *miso, pin_t *cs);
// Hardware controller as master: call at the end of the word. Nobody there: MISO's level, repeated.
// The wire's own loop-back (MOSI joined to MISO) works. `mosi` or `miso` may be NULL (not routed).
uint16_t spi_transfer(pin_t *sck, pin_t *mosi, pin_t *miso, uint16_t word, unsigned bits,
                      unsigned mode, bool lsb_first, uint64_t bit_ps);

// ---- 1-Wire -------------------------------------------------------------------------------------
// A slave on DQ: reset and presence, time slots, ROM commands (read, match, skip, search, alarm
// search). What comes after a ROM command that selected it is the slave's own. Least significant
// bit first. The master is a program that toggles a pin.
typedef struct onewire {
    uint8_t rom[8]; // family, serial number, CRC; set before the machine runs
    // In each slot while selected: a bit to send, or negative to take the one that the master writes.
    int (*slot)(void *ctx);
    void (*bit)(void *ctx, bool bit); // the slot is over: what was on the wire
    void (*selected)(void *ctx);      // by a ROM command, before the first slot
    bool (*alarm)(void *ctx);         // takes part in an alarm search; NULL: never
    void *ctx;
    // Internal.
    pin_t *dq;
    event_t timer;
    uint8_t state, at, command, search; // saved
    bool on, low, told; // saved: has supply; the line's level; a slot of no length was reported
    int8_t sending;     // saved: bit of this slot, or negative
    uint64_t fell_ps, rose_ps; // saved
} onewire_t;
void onewire_attach(onewire_t *w, pin_t *dq);
void onewire_power(onewire_t *w, bool on); // off: silent until the first reset pulse after power-on
uint8_t onewire_crc(const uint8_t *data, unsigned n); // x^8 + x^5 + x^4 + 1
