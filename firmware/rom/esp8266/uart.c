// SPDX-License-Identifier: MIT
// The UARTs: set-up, characters, detection of the baud rate, SLIP packets.
#include "rom.h"

enum { RX_SIZE = 256, TX_SIZE = 100, FIFO_SIZE = 126, INT_UART = 5 };
enum { CONF0_FIFO_RESETS = 3 << 17 };

uart_device_t UartDev SECTION(".bss.UartDev");
uint8_t uart_rx_bytes[RX_SIZE] SECTION(".bss.uart_rx_bytes");
uint8_t uart_tx_bytes[TX_SIZE] SECTION(".bss.uart_tx_bytes");

uart_device_t *GetUartDevice(void);
void uart_rx_intr_handler(void *arg);
void uart_buff_switch(unsigned n);
int uart_rx_readbuff(rx_buffer_t *from, uint8_t *c);

uart_device_t *GetUartDevice(void) { return &UartDev; }

void uartAttach(void)
{
    UartDev = (uart_device_t){
        .baud = 115200, .data_bits = 3, .rx = {RX_SIZE, uart_rx_bytes, uart_rx_bytes, uart_rx_bytes, 1, 0},
        .tx_size = TX_SIZE, .tx_bytes = uart_tx_bytes,
    };
    ets_isr_mask(BIT(INT_UART));
    ets_isr_attach(INT_UART, uart_rx_intr_handler, &UartDev.rx);
}

static void reset_fifos(unsigned n)
{
    UART_CONF0(n) |= CONF0_FIFO_RESETS;
    UART_CONF0(n) &= ~CONF0_FIFO_RESETS;
}

void uart_div_modify(unsigned n, uint32_t divider)
{
    UART_CLKDIV(n) = divider;
    reset_fifos(n);
}

// 8N1 at a rate that is 115,200 baud with a clock of 80 MHz and 74,880 with the 52 MHz that a crystal of 26 MHz
// gives.
void Uart_Init(unsigned n)
{
    if (n == 0) {
        IOMUX(0x18) &= ~0x130u;                         // U0TXD: function 0
        IOMUX(0x38) = (IOMUX(0x38) & ~0x130u) | BIT(8); // GPIO2 repeats it
        IOMUX(0x14) = (IOMUX(0x14) & ~0x130u) | BIT(7); // U0RXD, pulled up
    } else {
        IOMUX(0x38) = (IOMUX(0x38) & ~0x130u) | BIT(5); // U1TXD on GPIO2
    }
    UART_CONF0(n) = UartDev.data_bits << 2 | BIT(4);
    UART_CONF1(n) = 0x6000 | (UartDev.rx.trigger & 0x7F);
    uart_div_modify(n, 80000000 / 115200);
    UART_INT_CLR(n) = 0x1FF;
}

void uart_buff_switch(unsigned n)
{
    UartDev.number = n & 1;
    reset_fifos(n & 1);
}

int uart_tx_one_char(uint8_t c)
{
    unsigned n = UartDev.number & 1;
    while ((UART_STATUS(n) >> 16 & 0xFF) >= FIFO_SIZE) {}
    UART_FIFO(n) = c;
    return 0;
}

void uart_flush(unsigned n)
{
    while (UART_STATUS(n) >> 16 & 0xFF) {}
    ets_delay_us(1000); // the last one is still on its way
}

// ---- Receiving ----------------------------------------------------------------------------------------------------

// Into the buffer, as long as there is room.
void uart_rx_intr_handler(void *arg)
{
    rx_buffer_t *b = arg;
    while (UART_STATUS(0) & 0xFF) {
        uint8_t *next = b->write + 1 == b->bytes + b->size ? b->bytes : b->write + 1;
        uint8_t c = UART_FIFO(0);
        if (next != b->read) {
            *b->write = c;
            b->write = next;
        }
    }
    UART_INT_CLR(0) = 0x1FF;
}

int uart_rx_readbuff(rx_buffer_t *from, uint8_t *c)
{
    if (from->read == from->write)
        return 1;
    *c = *from->read++;
    if (from->read == from->bytes + from->size)
        from->read = from->bytes;
    return 0;
}

// From the buffer if an interrupt filled it, else from the UART.
int uart_rx_one_char(uint8_t *c)
{
    if (uart_rx_readbuff(&UartDev.rx, c) == 0)
        return 0;
    if (!(UART_STATUS(0) & 0xFF))
        return 1;
    *c = UART_FIFO(0);
    return 0;
}

char uart_rx_one_char_block(void)
{
    uint8_t c;
    while (uart_rx_one_char(&c)) {}
    return c;
}

// A line, without its end, at most n - 1 characters.
int UartRxString(char *to, uint8_t n);
int UartRxString(char *to, uint8_t n)
{
    unsigned i = 0;
    for (char c; (c = uart_rx_one_char_block()) != '\r' && c != '\n';)
        if (i + 1 < n)
            to[i++] = c;
    to[i] = 0;
    return 0;
}

int ets_getc(void);
void ets_putc(char c);
int ets_getc(void)
{
    uint8_t c;
    return uart_rx_one_char(&c) ? -1 : c;
}
void ets_putc(char c) { uart_tx_one_char(c); }

// The divider for what is being sent to us: alternating bits, so that the shortest pulses are one bit long. The
// counters leave out twelve clocks of a pulse. 0 if not enough has come yet.
uint32_t uart_baudrate_detect(unsigned n, unsigned is_async)
{
    UART_AUTOBAUD(n) = 0x800;
    UART_AUTOBAUD(n) = 0x801;
    while (UART_PULSE_NUM(n) <= 29)
        if (is_async)
            return 0;
    uint32_t divider = (UART_LOWPULSE(n) + UART_HIGHPULSE(n)) / 2 + 12;
    UART_AUTOBAUD(n) = 0;
    return divider;
}

// ---- SLIP ---------------------------------------------------------------------------------------------------------

enum { END = 0xC0, ESCAPE = 0xDB, ESCAPED_END = 0xDC, ESCAPED_ESCAPE = 0xDD };

int send_packet(const void *packet, uint32_t n)
{
    const uint8_t *p = packet;
    uart_tx_one_char(END);
    for (; n; n--, p++) {
        if (*p != END && *p != ESCAPE) {
            uart_tx_one_char(*p);
            continue;
        }
        uart_tx_one_char(ESCAPE);
        uart_tx_one_char(*p == END ? ESCAPED_END : ESCAPED_ESCAPE);
    }
    uart_tx_one_char(END);
    return 0;
}

int SendMsg(uint8_t *message, uint8_t n);
int SendMsg(uint8_t *message, uint8_t n) { return send_packet(message, n); }

// The next packet's length; what does not fit is dropped.
int recv_packet(void *to, uint32_t room, uint8_t already_begun);
int recv_packet(void *to, uint32_t room, uint8_t already_begun)
{
    uint8_t *p = to, c;
    uint32_t n = 0;
    if (!already_begun)
        while (uart_rx_one_char_block() != (char)END) {}
    for (;;) {
        c = uart_rx_one_char_block();
        if (c == END) {
            if (n)
                return n;
            continue;
        }
        if (c == ESCAPE)
            c = (uint8_t)uart_rx_one_char_block() == ESCAPED_END ? END : ESCAPE;
        if (n < room)
            p[n++] = c;
    }
}
