/* SPDX-License-Identifier: MIT
 * spi.c: HSPI as SPI(1): SCK 14, MOSI 13, MISO 12, full duplex, up to 64 bytes at a time. The chip select is the
 * program's.
 */
#include "esp8266.h"

enum { HSPI = 1, SCK = 14, MOSI = 13, MISO = 12, BUFFER = 64, FUNCTION_HSPI = 2 };

static bool take(uint8_t *pin, uint8_t own)
{
    if (*pin != HAL_NO_PIN && *pin != own)
        return false;
    *pin = own;
    return true;
}

/* The bus clock divided by (pre + 1) * (n + 1), n at least 1 so that the clock has two halves. */
static uint32_t clock_bits(uint32_t *baud)
{
    uint32_t divide = (APB_HZ + *baud - 1) / *baud, best_n = 63, best_pre = 8191, best = 64 * 8192;
    if (divide < 2)
        divide = 2;
    for (uint32_t n = 1; n < 64 && best != divide; n++) {
        uint32_t pre = (divide + n) / (n + 1) - 1;
        if (pre < 8192 && (pre + 1) * (n + 1) < best) {
            best = (pre + 1) * (n + 1);
            best_n = n;
            best_pre = pre;
        }
    }
    *baud = APB_HZ / best;
    return best_pre << SPI_CLOCK_PRE_POS | best_n << SPI_CLOCK_N_POS | (best_n + 1) / 2 << SPI_CLOCK_H_POS;
}

int hal_spi_init(unsigned id, hal_spi_config_t *c)
{
    if (id != HSPI)
        return -E_NODEV;
    if (!take(&c->sck, SCK) || !take(&c->mosi, MOSI) || !take(&c->miso, MISO))
        return -E_INVAL;
    IOMUX(0) &= ~(uint32_t)IOMUX_SPI1_SYSTEM_CLOCK;
    SPI_CTRL(HSPI) = c->lsb_first ? SPI_CTRL_RD_LSB | SPI_CTRL_WR_LSB : 0;
    SPI_CLOCK(HSPI) = clock_bits(&c->baud);
    SPI_USER(HSPI) = SPI_USER_DUPLEX | SPI_USER_MOSI | (c->phase != c->polarity ? SPI_USER_OUT_EDGE : 0);
    SPI_PIN(HSPI) = (c->polarity ? SPI_PIN_IDLE_HIGH : 0) | SPI_PIN_NO_CS;
    hal_pin_config(SCK, HAL_ALT, HAL_PULL_NONE, FUNCTION_HSPI);
    hal_pin_config(MOSI, HAL_ALT, HAL_PULL_NONE, FUNCTION_HSPI);
    hal_pin_config(MISO, HAL_ALT, HAL_PULL_NONE, FUNCTION_HSPI);
    return 0;
}

static void piece(const uint8_t *tx, uint8_t *rx, size_t len)
{
    uint32_t bits = (uint32_t)len * 8 - 1;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t word = 0;
        for (size_t b = 0; tx && b < 4 && i + b < len; b++)
            word |= (uint32_t)tx[i + b] << 8 * b;
        SPI_W(HSPI, i / 4) = word;
    }
    SPI_USER1(HSPI) = bits << SPI_USER1_MOSI_POS | bits << SPI_USER1_MISO_POS;
    SPI_CMD(HSPI) = SPI_CMD_USR;
    wait_for(&SPI_CMD(HSPI), SPI_CMD_USR, 0, 10000000);
    for (size_t i = 0; rx && i < len; i++)
        rx[i] = (uint8_t)(SPI_W(HSPI, i / 4) >> i % 4 * 8);
}

void hal_spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t len)
{
    while (len) {
        size_t n = len < BUFFER ? len : BUFFER;
        piece(tx, rx, n);
        tx += tx ? n : 0;
        rx += rx ? n : 0;
        len -= n;
    }
}

void hal_spi_deinit(unsigned id)
{
    hal_pin_config(SCK, HAL_IN, HAL_PULL_NONE, 0);
    hal_pin_config(MOSI, HAL_IN, HAL_PULL_NONE, 0);
    hal_pin_config(MISO, HAL_IN, HAL_PULL_NONE, 0);
}
