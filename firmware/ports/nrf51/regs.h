/* SPDX-License-Identifier: MIT
 * regs.h: the nRF51822's registers as far as the port uses them, from the nRF51 Series Reference Manual 3.0 (chapter in
 * brackets) and the Armv6-M architecture manual. A peripheral's number gives its address and its interrupt.
 */
#ifndef ADDER_NRF51_REGS_H
#define ADDER_NRF51_REGS_H

#include <stdint.h>

typedef volatile uint32_t reg_t;
#define REG(address) (*(reg_t *)(address))
#define PERIPHERAL(id, offset) REG(0x40000000u + (id) * 0x1000u + (offset))

enum {
    ID_POWER_CLOCK = 0, ID_RADIO = 1, ID_UART0 = 2, ID_SPI0_TWI0 = 3, ID_SPI1_TWI1 = 4, ID_GPIOTE = 6, ID_ADC = 7,
    ID_TIMER0 = 8, ID_TIMER1 = 9, ID_TIMER2 = 10, ID_RTC0 = 11, ID_TEMP = 12, ID_RNG = 13, ID_WDT = 16, ID_RTC1 = 17,
    ID_NVMC = 30, ID_PPI = 31, IRQ_COUNT = 32
};

/* POWER [12] and CLOCK [13] */
#define POWER_RESETREAS  REG(0x40000400u)
#define POWER_SYSTEMOFF  REG(0x40000500u)
#define POWER_GPREGRET   REG(0x4000051cu)
#define CLOCK_HFCLKSTART REG(0x40000000u)
#define CLOCK_LFCLKSTART REG(0x40000008u)
#define CLOCK_HFCLKSTARTED REG(0x40000100u)
#define CLOCK_LFCLKSTARTED REG(0x40000104u)
#define CLOCK_LFCLKSRC   REG(0x40000518u)
enum { RESETREAS_PIN = 1, RESETREAS_DOG = 2, RESETREAS_SREQ = 4, RESETREAS_LOCKUP = 8, RESETREAS_OFF = 1 << 16 };

/* GPIO [14] */
#define GPIO_OUT    REG(0x50000504u)
#define GPIO_OUTSET REG(0x50000508u)
#define GPIO_OUTCLR REG(0x5000050cu)
#define GPIO_IN     REG(0x50000510u)
#define GPIO_DIR    REG(0x50000514u)
#define GPIO_DIRSET REG(0x50000518u)
#define GPIO_DIRCLR REG(0x5000051cu)
#define GPIO_CNF(pin) REG(0x50000700u + 4 * (pin))
enum {
    CNF_OUTPUT = 1, CNF_DISCONNECT = 2, CNF_PULL_POS = 2, CNF_PULL = 3 << 2, CNF_PULL_DOWN = 1 << 2, CNF_PULL_UP = 3 << 2,
    CNF_DRIVE = 7 << 8, CNF_DRIVE_S0D1 = 6 << 8, CNF_SENSE = 3 << 16, CNF_SENSE_HIGH = 2 << 16, CNF_SENSE_LOW = 3 << 16
};

/* GPIOTE [15], PPI [16] */
#define GPIOTE_OUT(n)    PERIPHERAL(ID_GPIOTE, 4 * (n))
#define GPIOTE_PORT      PERIPHERAL(ID_GPIOTE, 0x17c)
#define GPIOTE_INTENSET  PERIPHERAL(ID_GPIOTE, 0x304)
#define GPIOTE_CONFIG(n) PERIPHERAL(ID_GPIOTE, 0x510 + 4 * (n))
#define GPIOTE_INT_PORT  (1u << 31)
enum { GPIOTE_TASK = 3, GPIOTE_PSEL_POS = 8, GPIOTE_TOGGLE = 3 << 16, GPIOTE_INIT_HIGH = 1 << 20 };
#define PPI_CHENSET PERIPHERAL(ID_PPI, 0x504)
#define PPI_CHENCLR PERIPHERAL(ID_PPI, 0x508)
#define PPI_EEP(n)  PERIPHERAL(ID_PPI, 0x510 + 8 * (n))
#define PPI_TEP(n)  PERIPHERAL(ID_PPI, 0x514 + 8 * (n))

/* TIMER [18] */
#define TIMER_START(id)      PERIPHERAL(id, 0x000)
#define TIMER_STOP(id)       PERIPHERAL(id, 0x004)
#define TIMER_CLEAR(id)      PERIPHERAL(id, 0x00c)
#define TIMER_CAPTURE(id, n) PERIPHERAL(id, 0x040 + 4 * (n))
#define TIMER_COMPARE(id, n) PERIPHERAL(id, 0x140 + 4 * (n))
#define TIMER_SHORTS(id)     PERIPHERAL(id, 0x200)
#define TIMER_INTENSET(id)   PERIPHERAL(id, 0x304)
#define TIMER_INTENCLR(id)   PERIPHERAL(id, 0x308)
#define TIMER_MODE(id)       PERIPHERAL(id, 0x504)
#define TIMER_BITMODE(id)    PERIPHERAL(id, 0x508)
#define TIMER_PRESCALER(id)  PERIPHERAL(id, 0x510)
#define TIMER_CC(id, n)      PERIPHERAL(id, 0x540 + 4 * (n))
enum { TIMER_BITMODE_16 = 0, TIMER_BITMODE_32 = 3 };
#define TIMER_INT(n) (1u << (16 + (n)))

/* RTC [19] */
#define RTC_START(id)     PERIPHERAL(id, 0x000)
#define RTC_COUNTER(id)   PERIPHERAL(id, 0x504)
#define RTC_PRESCALER(id) PERIPHERAL(id, 0x508)

/* WDT [20] */
#define WDT_START     PERIPHERAL(ID_WDT, 0x000)
#define WDT_RUNSTATUS PERIPHERAL(ID_WDT, 0x400)
#define WDT_CRV       PERIPHERAL(ID_WDT, 0x504)
#define WDT_RREN      PERIPHERAL(ID_WDT, 0x508)
#define WDT_CONFIG    PERIPHERAL(ID_WDT, 0x50c)
#define WDT_RR0       PERIPHERAL(ID_WDT, 0x600)
enum { WDT_RELOAD = 0x6e524635 };

/* RNG [21], TEMP [22] */
#define RNG_START  PERIPHERAL(ID_RNG, 0x000)
#define RNG_VALRDY PERIPHERAL(ID_RNG, 0x100)
#define RNG_CONFIG PERIPHERAL(ID_RNG, 0x504)
#define RNG_VALUE  PERIPHERAL(ID_RNG, 0x508)
#define TEMP_START   PERIPHERAL(ID_TEMP, 0x000)
#define TEMP_STOP    PERIPHERAL(ID_TEMP, 0x004)
#define TEMP_DATARDY PERIPHERAL(ID_TEMP, 0x100)
#define TEMP_TEMP    PERIPHERAL(ID_TEMP, 0x508)

/* SPI [25] */
#define SPI_READY(id)     PERIPHERAL(id, 0x108)
#define SPI_ENABLE(id)    PERIPHERAL(id, 0x500)
#define SPI_PSELSCK(id)   PERIPHERAL(id, 0x508)
#define SPI_PSELMOSI(id)  PERIPHERAL(id, 0x50c)
#define SPI_PSELMISO(id)  PERIPHERAL(id, 0x510)
#define SPI_RXD(id)       PERIPHERAL(id, 0x518)
#define SPI_TXD(id)       PERIPHERAL(id, 0x51c)
#define SPI_FREQUENCY(id) PERIPHERAL(id, 0x524)
#define SPI_CONFIG(id)    PERIPHERAL(id, 0x554)
enum { SPI_LSB_FIRST = 1, SPI_CPHA = 2, SPI_CPOL = 4, SPI_ENABLED = 1 };

/* TWI [28] */
#define TWI_STARTRX(id)   PERIPHERAL(id, 0x000)
#define TWI_STARTTX(id)   PERIPHERAL(id, 0x008)
#define TWI_STOP(id)      PERIPHERAL(id, 0x014)
#define TWI_SUSPEND(id)   PERIPHERAL(id, 0x01c)
#define TWI_RESUME(id)    PERIPHERAL(id, 0x020)
#define TWI_STOPPED(id)   PERIPHERAL(id, 0x104)
#define TWI_RXDREADY(id)  PERIPHERAL(id, 0x108)
#define TWI_TXDSENT(id)   PERIPHERAL(id, 0x11c)
#define TWI_ERROR(id)     PERIPHERAL(id, 0x124)
#define TWI_SHORTS(id)    PERIPHERAL(id, 0x200)
#define TWI_ERRORSRC(id)  PERIPHERAL(id, 0x4c4)
#define TWI_ENABLE(id)    PERIPHERAL(id, 0x500)
#define TWI_PSELSCL(id)   PERIPHERAL(id, 0x508)
#define TWI_PSELSDA(id)   PERIPHERAL(id, 0x50c)
#define TWI_RXD(id)       PERIPHERAL(id, 0x518)
#define TWI_TXD(id)       PERIPHERAL(id, 0x51c)
#define TWI_FREQUENCY(id) PERIPHERAL(id, 0x524)
#define TWI_ADDRESS(id)   PERIPHERAL(id, 0x588)
enum { TWI_BB_SUSPEND = 1, TWI_BB_STOP = 2, TWI_ENABLED = 5, TWI_OVERRUN = 1, TWI_ANACK = 2, TWI_DNACK = 4 };

/* UART [29] */
#define UART_STARTRX   PERIPHERAL(ID_UART0, 0x000)
#define UART_STARTTX   PERIPHERAL(ID_UART0, 0x008)
#define UART_RXDRDY    PERIPHERAL(ID_UART0, 0x108)
#define UART_TXDRDY    PERIPHERAL(ID_UART0, 0x11c)
#define UART_ERROR     PERIPHERAL(ID_UART0, 0x124)
#define UART_INTENSET  PERIPHERAL(ID_UART0, 0x304)
#define UART_INTENCLR  PERIPHERAL(ID_UART0, 0x308)
#define UART_ERRORSRC  PERIPHERAL(ID_UART0, 0x480)
#define UART_ENABLE    PERIPHERAL(ID_UART0, 0x500)
#define UART_PSELRTS   PERIPHERAL(ID_UART0, 0x508)
#define UART_PSELTXD   PERIPHERAL(ID_UART0, 0x50c)
#define UART_PSELCTS   PERIPHERAL(ID_UART0, 0x510)
#define UART_PSELRXD   PERIPHERAL(ID_UART0, 0x514)
#define UART_RXD       PERIPHERAL(ID_UART0, 0x518)
#define UART_TXD       PERIPHERAL(ID_UART0, 0x51c)
#define UART_BAUDRATE  PERIPHERAL(ID_UART0, 0x524)
#define UART_CONFIG    PERIPHERAL(ID_UART0, 0x56c)
enum { UART_ENABLED = 4, UART_INT_RXDRDY = 1 << 2, UART_INT_ERROR = 1 << 9, UART_PARITY = 7 << 1 };
#define PSEL_NONE 0xffffffffu

/* ADC [31] */
#define ADC_START  PERIPHERAL(ID_ADC, 0x000)
#define ADC_STOP   PERIPHERAL(ID_ADC, 0x004)
#define ADC_END    PERIPHERAL(ID_ADC, 0x100)
#define ADC_ENABLE PERIPHERAL(ID_ADC, 0x500)
#define ADC_CONFIG PERIPHERAL(ID_ADC, 0x504)
#define ADC_RESULT PERIPHERAL(ID_ADC, 0x508)
enum {
    ADC_RES_10 = 2, ADC_INPSEL_PIN_THIRD = 2 << 2, ADC_INPSEL_SUPPLY_THIRD = 6 << 2, ADC_REFSEL_VBG = 0,
    ADC_REFSEL_SUPPLY_THIRD = 3 << 5, ADC_PSEL_POS = 8
};

/* NVMC [6], FICR [7] */
#define NVMC_READY     PERIPHERAL(ID_NVMC, 0x400)
#define NVMC_CONFIG    PERIPHERAL(ID_NVMC, 0x504)
#define NVMC_ERASEPAGE PERIPHERAL(ID_NVMC, 0x508)
enum { NVMC_READ_ONLY = 0, NVMC_WRITE = 1, NVMC_ERASE = 2 };
#define FICR_DEVICEID(n) REG(0x10000060u + 4 * (n))

/* Armv6-M: NVIC [B3.4], SCB [B3.2] */
#define NVIC_ISER   REG(0xe000e100u)
#define NVIC_ICER   REG(0xe000e180u)
#define NVIC_ISPR   REG(0xe000e200u)
#define NVIC_ICPR   REG(0xe000e280u)
#define NVIC_IPR(n) REG(0xe000e400u + 4 * (n))
#define SCB_ICSR    REG(0xe000ed04u)
#define SCB_AIRCR   REG(0xe000ed0cu)

/* Priorities, 0 to 3: the lower the more urgent. Received bytes do not wait; nothing else may be late by much. */
enum { PRIORITY_UART = 0, PRIORITY_DISPLAY = 1, PRIORITY_CLOCK = 2, PRIORITY_PIN = 3 };

static inline void irq_enable(unsigned irq, unsigned priority)
{
    unsigned shift = irq % 4 * 8;
    NVIC_IPR(irq / 4) = (NVIC_IPR(irq / 4) & ~(0xffu << shift)) | priority << (shift + 6);
    NVIC_ICPR = 1u << irq;
    NVIC_ISER = 1u << irq;
}

static inline void irq_off(unsigned irq) { NVIC_ICER = 1u << irq; }

#endif
