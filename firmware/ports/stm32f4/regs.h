/* SPDX-License-Identifier: MIT
 * regs.h: the STM32F405's registers as far as the port uses them, from the reference manual RM0090 (chapter in brackets)
 * and the Armv7-M architecture manual.
 */
#ifndef ADDER_STM32F4_REGS_H
#define ADDER_STM32F4_REGS_H

#include <stdint.h>

typedef volatile uint32_t reg_t;

/* GPIO [8] */
typedef struct gpio_regs {
    reg_t moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
} gpio_regs_t;
#define GPIO(port) ((gpio_regs_t *)(0x40020000u + 0x400u * (port)))

/* RCC [7] */
typedef struct rcc_regs {
    reg_t cr, pllcfgr, cfgr, cir, ahb1rstr, ahb2rstr, ahb3rstr, r1, apb1rstr, apb2rstr, r2[2];
    reg_t ahb1enr, ahb2enr, ahb3enr, r3, apb1enr, apb2enr, r4[2];
    reg_t ahb1lpenr, ahb2lpenr, ahb3lpenr, r5, apb1lpenr, apb2lpenr, r6[2], bdcr, csr, r7[2], sscgr, plli2scfgr;
} rcc_regs_t;
#define RCC ((rcc_regs_t *)0x40023800u)
enum {
    RCC_CR_HSION = 1, RCC_CR_HSEON = 1 << 16, RCC_CR_HSERDY = 1 << 17, RCC_CR_PLLON = 1 << 24,
    RCC_CR_PLLRDY = 1 << 25,
    RCC_AHB2_RNG = 1 << 6,
    RCC_APB1_PWR = 1 << 28, RCC_APB1_DAC = 1 << 29, RCC_APB2_ADC1 = 1 << 8, RCC_APB2_SYSCFG = 1 << 14,
    RCC_BDCR_LSEON = 1, RCC_BDCR_LSERDY = 2, RCC_BDCR_RTCSEL_LSE = 1 << 8, RCC_BDCR_RTCSEL_LSI = 2 << 8,
    RCC_BDCR_RTCSEL = 3 << 8, RCC_BDCR_RTCEN = 1 << 15,
    RCC_CSR_LSION = 1, RCC_CSR_LSIRDY = 2, RCC_CSR_RMVF = 1 << 24, RCC_CSR_PINRSTF = 1 << 26,
    RCC_CSR_PORRSTF = 1 << 27, RCC_CSR_SFTRSTF = 1 << 28, RCC_CSR_IWDGRSTF = 1 << 29, RCC_CSR_WWDGRSTF = 1 << 30
};

/* FLASH interface [3] */
typedef struct flash_regs {
    reg_t acr, keyr, optkeyr, sr, cr, optcr;
} flash_regs_t;
#define FLASH ((flash_regs_t *)0x40023c00u)
enum {
    FLASH_ACR_PRFTEN = 1 << 8, FLASH_ACR_ICEN = 1 << 9, FLASH_ACR_DCEN = 1 << 10,
    FLASH_ACR_ICRST = 1 << 11, FLASH_ACR_DCRST = 1 << 12,
    FLASH_SR_BSY = 1 << 16, FLASH_SR_ERRORS = 0xf2,
    FLASH_CR_PG = 1, FLASH_CR_SER = 2, FLASH_CR_SNB_POS = 3, FLASH_CR_PSIZE_32 = 2 << 8,
    FLASH_CR_STRT = 1 << 16
};
#define FLASH_CR_LOCK (1u << 31)

/* PWR [5], IWDG [21] */
typedef struct pwr_regs {
    reg_t cr, csr;
} pwr_regs_t;
#define PWR ((pwr_regs_t *)0x40007000u)
enum {
    PWR_CR_LPDS = 1, PWR_CR_PDDS = 2, PWR_CR_CWUF = 4, PWR_CR_CSBF = 8, PWR_CR_DBP = 1 << 8,
    PWR_CR_VOS = 1 << 14, PWR_CSR_SBF = 2
};
typedef struct iwdg_regs {
    reg_t kr, pr, rlr, sr;
} iwdg_regs_t;
#define IWDG ((iwdg_regs_t *)0x40003000u)

/* EXTI [12], SYSCFG [9] */
typedef struct exti_regs {
    reg_t imr, emr, rtsr, ftsr, swier, pr;
} exti_regs_t;
#define EXTI ((exti_regs_t *)0x40013c00u)
typedef struct syscfg_regs {
    reg_t memrmp, pmc, exticr[4];
} syscfg_regs_t;
#define SYSCFG ((syscfg_regs_t *)0x40013800u)

/* USART [30] */
typedef struct usart_regs {
    reg_t sr, dr, brr, cr1, cr2, cr3, gtpr;
} usart_regs_t;
enum {
    USART_SR_PE = 1, USART_SR_FE = 2, USART_SR_NF = 4, USART_SR_ORE = 8, USART_SR_IDLE = 1 << 4,
    USART_SR_RXNE = 1 << 5, USART_SR_TC = 1 << 6, USART_SR_TXE = 1 << 7,
    USART_CR1_SBK = 1, USART_CR1_RE = 1 << 2, USART_CR1_TE = 1 << 3, USART_CR1_RXNEIE = 1 << 5,
    USART_CR1_TXEIE = 1 << 7, USART_CR1_PS = 1 << 9, USART_CR1_PCE = 1 << 10, USART_CR1_M = 1 << 12,
    USART_CR1_UE = 1 << 13
};

/* TIM [17-20] */
typedef struct tim_regs {
    reg_t cr1, cr2, smcr, dier, sr, egr, ccmr[2], ccer, cnt, psc, arr, rcr, ccr[4], bdtr, dcr, dmar;
} tim_regs_t;
enum {
    TIM_CR1_CEN = 1, TIM_CR1_ARPE = 1 << 7, TIM_DIER_UIE = 1, TIM_SR_UIF = 1, TIM_EGR_UG = 1,
    TIM_BDTR_MOE = 1 << 15
};

/* ADC [13], DAC [14] */
typedef struct adc_regs {
    reg_t sr, cr1, cr2, smpr[2], jofr[4], htr, ltr, sqr[3], jsqr, jdr[4], dr;
} adc_regs_t;
#define ADC1    ((adc_regs_t *)0x40012000u)
#define ADC_CCR (*(reg_t *)0x40012304u)
enum {
    ADC_SR_EOC = 2, ADC_SR_OVR = 1 << 5, ADC_CR2_ADON = 1, ADC_CR2_EOCS = 1 << 10,
    ADC_CR2_SWSTART = 1 << 30, ADC_CCR_ADCPRE_4 = 1 << 16, ADC_CCR_VBATE = 1 << 22,
    ADC_CCR_TSVREFE = 1 << 23
};
typedef struct dac_regs {
    reg_t cr, swtrigr, dhr12r1, dhr12l1, dhr8r1, dhr12r2, dhr12l2, dhr8r2;
} dac_regs_t;
#define DAC ((dac_regs_t *)0x40007400u)

/* I2C [27] */
typedef struct i2c_regs {
    reg_t cr1, cr2, oar1, oar2, dr, sr1, sr2, ccr, trise, fltr;
} i2c_regs_t;
enum {
    I2C_CR1_PE = 1, I2C_CR1_START = 1 << 8, I2C_CR1_STOP = 1 << 9, I2C_CR1_ACK = 1 << 10,
    I2C_CR1_POS = 1 << 11, I2C_CR1_SWRST = 1 << 15,
    I2C_SR1_SB = 1, I2C_SR1_ADDR = 2, I2C_SR1_BTF = 4, I2C_SR1_RXNE = 1 << 6, I2C_SR1_TXE = 1 << 7,
    I2C_SR1_BERR = 1 << 8, I2C_SR1_ARLO = 1 << 9, I2C_SR1_AF = 1 << 10, I2C_SR2_BUSY = 2,
    I2C_CCR_DUTY = 1 << 14, I2C_CCR_FS = 1 << 15
};

/* SPI [28] */
typedef struct spi_regs {
    reg_t cr1, cr2, sr, dr, crcpr, rxcrcr, txcrcr, i2scfgr, i2spr;
} spi_regs_t;
enum {
    SPI_CR1_CPHA = 1, SPI_CR1_CPOL = 2, SPI_CR1_MSTR = 4, SPI_CR1_BR_POS = 3, SPI_CR1_SPE = 1 << 6,
    SPI_CR1_LSBFIRST = 1 << 7, SPI_CR1_SSI = 1 << 8, SPI_CR1_SSM = 1 << 9, SPI_CR1_DFF = 1 << 11,
    SPI_SR_RXNE = 1, SPI_SR_TXE = 2, SPI_SR_BSY = 1 << 7
};

/* RTC [26] */
typedef struct rtc_regs {
    reg_t tr, dr, cr, isr, prer, wutr, calibr, alrmar, alrmbr, wpr, ssr, shiftr, tstr, tsdr, tsssr, calr, tafcr,
        alrmassr, alrmbssr, r1, bkpr[20];
} rtc_regs_t;
#define RTC ((rtc_regs_t *)0x40002800u)
enum {
    RTC_CR_BYPSHAD = 1 << 5, RTC_CR_WUTE = 1 << 10, RTC_CR_WUTIE = 1 << 14, RTC_ISR_WUTWF = 1 << 2,
    RTC_ISR_INITS = 1 << 4, RTC_ISR_RSF = 1 << 5, RTC_ISR_INITF = 1 << 6, RTC_ISR_INIT = 1 << 7,
    RTC_ISR_WUTF = 1 << 10
};

/* RNG [24] */
typedef struct rng_regs {
    reg_t cr, sr, dr;
} rng_regs_t;
#define RNG ((rng_regs_t *)0x50060800u)
enum { RNG_CR_RNGEN = 4, RNG_SR_DRDY = 1, RNG_SR_SEIS = 1 << 6, RNG_SR_CEIS = 1 << 5 };

/* Unique device id [39] */
#define UNIQUE_ID ((volatile const uint8_t *)0x1fff7a10u)

/* Cortex-M4 */
typedef struct systick_regs {
    reg_t ctrl, load, val, calib;
} systick_regs_t;
#define SYSTICK ((systick_regs_t *)0xe000e010u)
enum { SYSTICK_ENABLE = 1, SYSTICK_TICKINT = 2, SYSTICK_CLKSOURCE = 4, SYSTICK_COUNTFLAG = 1 << 16 };
typedef struct nvic_regs {
    reg_t iser[8], r0[24], icer[8], r1[24], ispr[8], r2[24], icpr[8], r3[24], iabr[8], r4[56];
    volatile uint8_t ipr[240];
} nvic_regs_t;
#define NVIC ((nvic_regs_t *)0xe000e100u)
typedef struct scb_regs {
    reg_t cpuid, icsr, vtor, aircr, scr, ccr;
    volatile uint8_t shpr[12]; /* exceptions 4 to 15 */
    reg_t shcsr, cfsr, hfsr, dfsr, mmfar, bfar, afsr;
} scb_regs_t;
#define SCB ((scb_regs_t *)0xe000ed00u)
#define CPACR (*(reg_t *)0xe000ed88u)
#define DEMCR (*(reg_t *)0xe000edfcu)
typedef struct dwt_regs {
    reg_t ctrl, cyccnt;
} dwt_regs_t;
#define DWT ((dwt_regs_t *)0xe0001000u)
enum { SCR_SLEEPDEEP = 4, ICSR_PENDSTCLR = 1 << 25, ICSR_PENDSTSET = 1 << 26 };

/* Interrupt numbers [12.1.3] */
enum {
    IRQ_RTC_WKUP = 3, IRQ_EXTI0 = 6, IRQ_EXTI9_5 = 23, IRQ_TIM1_BRK_TIM9 = 24, IRQ_TIM1_UP_TIM10 = 25,
    IRQ_TIM1_TRG_TIM11 = 26, IRQ_TIM2 = 28, IRQ_TIM3 = 29, IRQ_TIM4 = 30, IRQ_USART1 = 37, IRQ_USART2 = 38,
    IRQ_USART3 = 39, IRQ_EXTI15_10 = 40, IRQ_TIM8_BRK_TIM12 = 43, IRQ_TIM8_UP_TIM13 = 44,
    IRQ_TIM8_TRG_TIM14 = 45, IRQ_TIM5 = 50, IRQ_UART4 = 52, IRQ_UART5 = 53, IRQ_TIM6_DAC = 54, IRQ_TIM7 = 55,
    IRQ_USART6 = 71, IRQ_COUNT = 82
};

static inline void irq_enable(unsigned n) { NVIC->iser[n / 32] = 1u << n % 32; }
static inline void irq_off(unsigned n) { NVIC->icer[n / 32] = 1u << n % 32; }
static inline void irq_priority(unsigned n, unsigned level) { NVIC->ipr[n] = (uint8_t)(level << 4); }
/* Priorities: 0 is the most urgent of 16. */
enum { PRIORITY_UART = 2, PRIORITY_TICK = 1, PRIORITY_TIMER = 6, PRIORITY_PIN = 7 };

#endif
