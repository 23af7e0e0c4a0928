// SPDX-License-Identifier: MIT
// Registers of the ESP8266 that the ROM uses, and addresses that C and assembly share.
#pragma once

#define XTOS_INT_HANDLERS_0 0x3FFFC278 // of interrupt 0; those of higher numbers lie below
#define XTOS_INT_MASKS_0    0x3FFFC2F0

#ifdef __ASSEMBLER__
.macro function name
    .section .text.\name, "ax"
    .literal_position
    .align 4
    .global \name
    .type \name, @function
\name:
.endm
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))

#define UART(n)           (0x60000000u + (n) * 0xF00u)
#define UART_FIFO(n)      REG(UART(n) + 0x00)
#define UART_INT_ST(n)    REG(UART(n) + 0x08)
#define UART_INT_ENA(n)   REG(UART(n) + 0x0C)
#define UART_INT_CLR(n)   REG(UART(n) + 0x10)
#define UART_CLKDIV(n)    REG(UART(n) + 0x14)
#define UART_AUTOBAUD(n)  REG(UART(n) + 0x18)
#define UART_STATUS(n)    REG(UART(n) + 0x1C)
#define UART_CONF0(n)     REG(UART(n) + 0x20)
#define UART_CONF1(n)     REG(UART(n) + 0x24)
#define UART_LOWPULSE(n)  REG(UART(n) + 0x28)
#define UART_HIGHPULSE(n) REG(UART(n) + 0x2C)
#define UART_PULSE_NUM(n) REG(UART(n) + 0x30)

#define SPI(offset)     REG(0x60000200u + (offset))
#define SPI_CMD         SPI(0x00)
#define SPI_ADDR        SPI(0x04)
#define SPI_CTRL        SPI(0x08)
#define SPI_RD_STATUS   SPI(0x10)
#define SPI_USER        SPI(0x1C)
#define SPI_W(n)        SPI(0x40 + 4 * (n))
#define SPI_EXT2        SPI(0xF8)

#define GPIO(offset)    REG(0x60000300u + (offset))
#define GPIO_OUT_SET    GPIO(0x04)
#define GPIO_OUT_CLR    GPIO(0x08)
#define GPIO_ENABLE_SET GPIO(0x10)
#define GPIO_ENABLE_CLR GPIO(0x14)
#define GPIO_IN         GPIO(0x18)
#define GPIO_STATUS     GPIO(0x1C)
#define GPIO_STATUS_SET GPIO(0x20)
#define GPIO_STATUS_CLR GPIO(0x24)
#define GPIO_PIN(n)     GPIO(0x28 + 4 * (n))

#define FRC2(offset)    REG(0x60000620u + (offset))
#define FRC2_LOAD       FRC2(0x0)
#define FRC2_COUNT      FRC2(0x4)
#define FRC2_CTRL       FRC2(0x8)
#define FRC2_INT        FRC2(0xC)
#define FRC2_ALARM      FRC2(0x10)

#define RTC(offset)     REG(0x60000700u + (offset))
#define IOMUX(offset)   REG(0x60000800u + (offset))
#define WDT(offset)     REG(0x60000900u + (offset))

#define DPORT_EDGE_INTS REG(0x3FF00004u)
#define DPORT_CACHE     REG(0x3FF0000Cu)
#define DPORT_BANKS     REG(0x3FF00024u)

#define BIT(n) (1u << (n))
#endif
