/* SPDX-License-Identifier: MIT
 * spi.c: SPI1-3 as masters [28], polled, 8 bits.
 */
#include "stm32f4.h"

static const struct {
    spi_regs_t *regs;
    uint8_t apb, enable_bit, alt, sck, miso, mosi;
} info[] = {
    {(spi_regs_t *)0x40013000, 2, 12, 5, PIN(A, 5), PIN(A, 6), PIN(A, 7)},
    {(spi_regs_t *)0x40003800, 1, 14, 5, PIN(B, 13), PIN(B, 14), PIN(B, 15)},
    {(spi_regs_t *)0x40003c00, 1, 15, 6, PIN(C, 10), PIN(C, 11), PIN(C, 12)},
};
enum { BUSES = sizeof info / sizeof info[0] };

static bool take(uint8_t *pin, uint8_t own)
{
    if (*pin != HAL_NO_PIN && *pin != own)
        return false;
    *pin = own;
    return true;
}

int hal_spi_init(unsigned id, hal_spi_config_t *config)
{
    unsigned i = id - 1;
    if (i >= BUSES)
        return -E_NODEV;
    if (!take(&config->sck, info[i].sck) || !take(&config->miso, info[i].miso) || !take(&config->mosi, info[i].mosi))
        return -E_INVAL;
    uint32_t clock = info[i].apb == 1 ? clock_apb1_hz() : clock_apb2_hz(), divider = 0; /* 2 << divider */
    while (divider < 7 && clock >> (divider + 1) > config->baud)
        divider++;
    config->baud = clock >> (divider + 1);
    *(info[i].apb == 1 ? &RCC->apb1enr : &RCC->apb2enr) |= 1u << info[i].enable_bit;
    spi_regs_t *spi = info[i].regs;
    spi->cr1 = 0;
    spi->cr2 = 0;
    spi->cr1 = SPI_CR1_MSTR | SPI_CR1_SSM | SPI_CR1_SSI | divider << SPI_CR1_BR_POS |
               (config->phase ? SPI_CR1_CPHA : 0) | (config->polarity ? SPI_CR1_CPOL : 0) |
               (config->lsb_first ? SPI_CR1_LSBFIRST : 0);
    spi->cr1 |= SPI_CR1_SPE;
    hal_pin_config(info[i].sck, HAL_ALT, HAL_PULL_NONE, info[i].alt);
    hal_pin_config(info[i].miso, HAL_ALT, HAL_PULL_NONE, info[i].alt);
    hal_pin_config(info[i].mosi, HAL_ALT, HAL_PULL_NONE, info[i].alt);
    return 0;
}

void hal_spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t len)
{
    spi_regs_t *spi = info[id - 1].regs;
    for (size_t i = 0; i < len; i++) {
        if (!wait_for(&spi->sr, SPI_SR_TXE, SPI_SR_TXE, 1000000))
            return;
        spi->dr = tx ? tx[i] : 0;
        if (!wait_for(&spi->sr, SPI_SR_RXNE, SPI_SR_RXNE, 1000000))
            return;
        uint8_t in = (uint8_t)spi->dr;
        if (rx)
            rx[i] = in;
    }
    wait_for(&spi->sr, SPI_SR_BSY, 0, 1000000);
}

void hal_spi_deinit(unsigned id)
{
    if (id - 1 < BUSES)
        info[id - 1].regs->cr1 = 0;
}
