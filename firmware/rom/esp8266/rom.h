// SPDX-License-Identifier: MIT
// What the parts of the ROM share. Names, arguments and results are those that the SDK's and esptool's headers
// document; they are what a program calls by its address.
#pragma once
#include <stdarg.h>
#include "regs.h"

#define SECTION(name) __attribute__((section(name)))
#define ALIAS(of)     __attribute__((alias(#of)))

// string.c
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void bzero(void *to, size_t n);
size_t strlen(const char *s);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strstr(const char *s, const char *what);

// print.c
typedef void (*putc_t)(char c);
int ets_vprintf(putc_t put, const char *format, va_list args);
int ets_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ets_write_char(char c);
void ets_install_uart_printf(void);
extern const char hex_digits[17];

// sys.c, start.S
typedef void (*handler_t)(void *arg);
typedef struct exc_frame {
    uint32_t epc1, ps, sar, vpri, a0, a[14], cause; // a2 ... a15
} exc_frame_t;
typedef void (*exc_handler_t)(exc_frame_t *frame, unsigned cause);
exc_handler_t _xtos_set_exception_handler(unsigned cause, exc_handler_t handler);
unsigned _xtos_ints_on(unsigned mask);
unsigned _xtos_ints_off(unsigned mask);
handler_t _xtos_set_interrupt_handler_arg(unsigned n, handler_t handler, void *arg);
handler_t ets_isr_attach(unsigned n, handler_t handler, void *arg);
void ets_isr_mask(unsigned mask);
void ets_isr_unmask(unsigned mask);
unsigned ets_intr_lock(void);
unsigned ets_intr_unlock(void);
void ets_delay_us(uint32_t us);
uint32_t rtc_get_reset_reason(void);
extern uint32_t cpu_mhz;
extern void (*user_start)(void);
static inline uint32_t ccount(void)
{
    uint32_t now;
    __asm__ volatile("rsr %0, ccount" : "=a"(now));
    return now;
}

// uart.c
typedef struct rx_buffer {
    uint32_t size;
    uint8_t *bytes, *write, *read;
    uint8_t trigger;
    uint32_t state;
} rx_buffer_t;
typedef struct uart_device {
    uint32_t baud, data_bits, has_parity, parity, stop_bits, flow;
    rx_buffer_t rx;
    uint32_t tx_size;
    uint8_t *tx_bytes;
    uint32_t rx_state, received;
    uint32_t number; // of the UART that is talked through
} uart_device_t;
extern uart_device_t UartDev;
void uartAttach(void);
void Uart_Init(unsigned n);
void uart_div_modify(unsigned n, uint32_t divider);
int uart_tx_one_char(uint8_t c);
int uart_rx_one_char(uint8_t *c); // 1: there is none
char uart_rx_one_char_block(void);
uint32_t uart_baudrate_detect(unsigned n, unsigned is_async);
void uart_flush(unsigned n); // waits until all is sent; ours
int send_packet(const void *packet, uint32_t n);
void download(void);    // download.c: the loader's protocol; comes back when something is to be run

// flash.c: 0 good, 1 error, 2 timeout
typedef struct flash_chip {
    uint32_t id, chip_size, block_size, sector_size, page_size, status_mask;
} flash_chip_t;
extern flash_chip_t *flashchip;
int SPI_read_status(flash_chip_t *chip, uint32_t *status);
int SPI_write_status(flash_chip_t *chip, uint32_t status);
int SPI_write_enable(flash_chip_t *chip);
int Wait_SPI_Idle(flash_chip_t *chip);
int SPIRead(uint32_t address, void *to, uint32_t n);
int SPIWrite(uint32_t address, const void *from, uint32_t n);
int SPIEraseSector(uint32_t sector);
int SPIEraseBlock(uint32_t block);
int SPIEraseChip(void);
int SPIEraseArea(uint32_t address, uint32_t n);
int SPIUnlock(void);
int SPIParamCfg(uint32_t id, uint32_t chip, uint32_t block, uint32_t sector, uint32_t page, uint32_t mask);
void SPIFlashModeConfig(uint32_t mode, uint32_t frequency);
int SPIReadModeCnfig(uint32_t mode);
void SelectSpiFunction(void);
void spi_flash_attach(void);
