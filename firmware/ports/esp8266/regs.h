/* SPDX-License-Identifier: MIT
 * regs.h: the ESP8266's registers as far as the port uses them, from Espressif's "ESP8266 Technical Reference" and what
 * is known of the parts that it leaves out; and the functions of the mask ROM, whose addresses the linker script has.
 */
#ifndef ADDER_ESP8266_REGS_H
#define ADDER_ESP8266_REGS_H

#include <stdint.h>

typedef volatile uint32_t reg_t;
#define REG(address) (*(reg_t *)(address))

/* UART 0 and 1: so far apart */
#define UART(n, offset)    REG(0x60000000u + (n) * 0xf00u + (offset))
#define UART_FIFO(n)       UART(n, 0x00)
#define UART_INT_ST(n)     UART(n, 0x08)
#define UART_INT_ENA(n)    UART(n, 0x0c)
#define UART_INT_CLR(n)    UART(n, 0x10)
#define UART_CLKDIV(n)     UART(n, 0x14)
#define UART_STATUS(n)     UART(n, 0x1c)
#define UART_CONF0(n)      UART(n, 0x20)
#define UART_CONF1(n)      UART(n, 0x24)
enum {
    UART_INT_RXFULL = 1 << 0, UART_INT_TXEMPTY = 1 << 1, UART_INT_OVERFLOW = 1 << 4, UART_INT_TIMEOUT = 1 << 8,
    UART_STATUS_RX_POS = 0, UART_STATUS_TX_POS = 16, UART_STATUS_COUNT = 0xff,
    UART_CONF0_ODD = 1 << 0, UART_CONF0_PARITY = 1 << 1, UART_CONF0_BITS_POS = 2, UART_CONF0_STOP_POS = 4,
    UART_CONF0_BREAK = 1 << 8, UART_CONF0_RX_RESET = 1 << 17, UART_CONF0_TX_RESET = 1 << 18,
    UART_CONF1_RXFULL_POS = 0, UART_CONF1_TXEMPTY_POS = 8, UART_CONF1_TIMEOUT_POS = 24
};
#define UART_CONF1_TIMEOUT_EN (1u << 31)

/* SPI 0 (the flash) and 1 (HSPI) */
#define SPI(n, offset)  REG(0x60000200u - (n) * 0x100u + (offset))
#define SPI_CMD(n)      SPI(n, 0x00)
#define SPI_ADDR(n)     SPI(n, 0x04)
#define SPI_CTRL(n)     SPI(n, 0x08)
#define SPI_RD_STATUS(n) SPI(n, 0x10)
#define SPI_CLOCK(n)    SPI(n, 0x18)
#define SPI_USER(n)     SPI(n, 0x1c)
#define SPI_USER1(n)    SPI(n, 0x20)
#define SPI_PIN(n)      SPI(n, 0x2c)
#define SPI_W(n, word)  SPI(n, 0x40 + 4 * (word))
enum {
    SPI_CMD_RDID = 1 << 28, SPI_CMD_WREN = 1 << 30, SPI_CMD_RDSR = 1 << 27, SPI_CMD_PP = 1 << 25, SPI_CMD_SE = 1 << 24,
    SPI_CMD_USR = 1 << 18,
    SPI_CTRL_AHB = 1 << 17, SPI_CTRL_RD_LSB = 1 << 25, SPI_CTRL_WR_LSB = 1 << 26,
    SPI_CLOCK_N_POS = 12, SPI_CLOCK_H_POS = 6, SPI_CLOCK_PRE_POS = 18,
    SPI_USER_DUPLEX = 1, SPI_USER_OUT_EDGE = 1 << 7, SPI_USER_MOSI = 1 << 27, SPI_USER_MISO = 1 << 28,
    SPI_USER1_MOSI_POS = 17, SPI_USER1_MISO_POS = 8,
    SPI_PIN_IDLE_HIGH = 1 << 29, SPI_PIN_NO_CS = 7
};
#define SPI_CLOCK_SYSTEM (1u << 31)

/* GPIO 0 to 15 */
#define GPIO_OUT        REG(0x60000300u)
#define GPIO_OUT_SET    REG(0x60000304u)
#define GPIO_OUT_CLR    REG(0x60000308u)
#define GPIO_ENABLE     REG(0x6000030cu)
#define GPIO_ENABLE_SET REG(0x60000310u)
#define GPIO_ENABLE_CLR REG(0x60000314u)
#define GPIO_IN         REG(0x60000318u)
#define GPIO_STATUS     REG(0x6000031cu)
#define GPIO_STATUS_CLR REG(0x60000324u)
#define GPIO_PIN(n)     REG(0x60000328u + 4 * (n))
#define RTC_CALIB_SYNC  REG(0x6000036cu)
#define RTC_CALIB_VALUE REG(0x60000370u)
enum { GPIO_PIN_OPEN_DRAIN = 1 << 2, GPIO_PIN_INT_POS = 7, GPIO_PIN_INT = 7 << 7, GPIO_PIN_WAKE = 1 << 10 };

/* Pads */
#define IOMUX(offset) REG(0x60000800u + (offset))
enum {
    IOMUX_PULL_UP = 1 << 7, IOMUX_FUNCTION = 3 << 4 | 1 << 8, IOMUX_SPI1_SYSTEM_CLOCK = 1 << 9
};
#define IOMUX_FUNCTION_BITS(f) (((f) & 3u) << 4 | ((f) & 4u) << 6)

/* Timers: FRC1 counts down in 23 bits, FRC2 up in 32 */
#define FRC1_LOAD    REG(0x60000600u)
#define FRC1_COUNT   REG(0x60000604u)
#define FRC1_CTRL    REG(0x60000608u)
#define FRC1_CLEAR   REG(0x6000060cu)
#define FRC2_LOAD    REG(0x60000620u)
#define FRC2_COUNT   REG(0x60000624u)
#define FRC2_CTRL    REG(0x60000628u)
#define FRC2_CLEAR   REG(0x6000062cu)
#define FRC2_ALARM   REG(0x60000630u)
enum { FRC_DIV16 = 1 << 2, FRC_DIV256 = 2 << 2, FRC_RELOAD = 1 << 6, FRC_ENABLE = 1 << 7 };

/* RTC: sleep, the reset's reason, GPIO16, memory that survives resets and deep sleep */
#define RTC_CTRL        REG(0x60000700u)
#define RTC_ALARM       REG(0x60000704u)
#define RTC_SLEEP       REG(0x60000708u)
#define RTC_REASON      REG(0x60000714u)
#define RTC_WAKE        REG(0x60000718u)
#define RTC_COUNTER     REG(0x6000071cu)
#define RTC_SCRATCH(n)  REG(0x60000730u + 4 * (n))
#define RTC_POWER_DOWN  REG(0x60000744u)
#define RTC_GPIO_OUT    REG(0x60000768u)
#define RTC_GPIO_ENABLE REG(0x60000774u)
#define RTC_GPIO_IN     REG(0x6000078cu)
#define RTC_GPIO_CONF   REG(0x60000790u)
#define RTC_PAD         REG(0x600007a0u)
#define RTC_RAM(word)   REG(0x60001000u + 4 * (word))
enum { RTC_SLEEP_ENTER = 1 << 20, RTC_PAD_FUNCTION = 0x43, RTC_PAD_GPIO = 1, RTC_PAD_WAKE = 3,
       RTC_PAD_PULL_DOWN = 1 << 3, RTC_POWER_DOWN_DEEP = 1 << 5 };
#define RTC_CTRL_RESET (1u << 31)

/* Watchdog */
#define WDT_CTRL REG(0x60000900u)
#define WDT_OP   REG(0x60000904u)
#define WDT_OP2  REG(0x60000908u)
#define WDT_FEED REG(0x60000914u)

/* Internal I2C master of the PLL; the ADC */
#define I2C_PLL     REG(0x60000d10u)
#define SAR_CONTROL REG(0x60000d50u)
#define SAR_INPUT   REG(0x60000d5cu)
#define SAR_SAMPLE(n) REG(0x60000d80u + 4 * (n))
enum {
    I2C_REG_POS = 8, I2C_DATA_POS = 16, I2C_WRITE = 1 << 24, I2C_BUSY = 1 << 25, PLL_SLAVE = 0x67,
    SAR_START = 2, SAR_BUSY = 7 << 24, SAR_TOUT = 1 << 21
};

/* System registers, eFuses, the MAC's clock */
#define DPORT_NMI       REG(0x3ff00000u)
#define DPORT_EDGE_INT  REG(0x3ff00004u)
#define DPORT_FLASH     REG(0x3ff0000cu)
#define DPORT_CPU_CLOCK REG(0x3ff00014u)
#define DPORT_CACHE     REG(0x3ff00024u)
#define EFUSE_MAC(word) REG(0x3ff00050u + 4 * (word))
#define WDEV_US         REG(0x3ff20c00u)
#define WDEV_RANDOM     REG(0x3ff20e44u)
enum { FLASH_CACHE_ON = 1 << 8, FLASH_BUSY = 1 << 9 };
enum { EDGE_INT_WDT = 1, EDGE_INT_FRC1 = 2, EDGE_INT_FRC2 = 4 };

/* Interrupts of the core */
enum {
    INT_SPI = 2, INT_RTC = 3, INT_GPIO = 4, INT_UART = 5, INT_TIMER = 6, INT_SOFT = 7, INT_WDT = 8, INT_FRC1 = 9,
    INT_FRC2 = 10, INT_COUNT = 14
};

#define READ_SR(name)                                                                                                  \
    ({                                                                                                                 \
        uint32_t value_;                                                                                               \
        __asm volatile("rsr %0, " #name : "=a"(value_)::"memory");                                                     \
        value_;                                                                                                        \
    })
#define WRITE_SR(name, value)                                                                                          \
    do {                                                                                                               \
        uint32_t new_ = (value);                                                                                       \
        __asm volatile("wsr %0, " #name "\n rsync" ::"a"(new_) : "memory");                                          \
    } while (0)

/* Mask ROM; 0: done, 1: error. Data in words. */
int SPIRead(uint32_t address, void *to, uint32_t len);
int SPIWrite(uint32_t address, const void *from, uint32_t len);
int SPIEraseSector(uint32_t sector);
void Cache_Read_Enable(uint32_t odd, uint32_t unit, uint32_t big);
void Cache_Read_Disable(void);

#endif
