/* SPDX-License-Identifier: MIT
 * spi.c: SPI1 [25] as the one SPI bus, on pins 13 (SCK), 14 (MISO) and 15 (MOSI) of the board unless told otherwise.
 */
#include "nrf51.h"

#define ID ID_SPI1_TWI1

static uint8_t take(uint8_t *wanted, uint8_t usual)
{
    if (*wanted == HAL_NO_PIN)
        *wanted = usual;
    return *wanted;
}

int hal_spi_init(unsigned id, hal_spi_config_t *config)
{
    if (id != 0)
        return -E_NODEV;
    unsigned sck = take(&config->sck, 23), miso = take(&config->miso, 22), mosi = take(&config->mosi, 21);
    unsigned shift = 0; /* 125 kHz, and each bit above doubles it, up to 8 MHz */
    while (shift < 6 && 125000u << (shift + 1) <= config->baud)
        shift++;
    config->baud = 125000u << shift;
    SPI_ENABLE(ID) = 0;
    hal_pin_write(sck, config->polarity);
    hal_pin_config(sck, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_config(mosi, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_config(miso, HAL_IN, HAL_PULL_NONE, 0);
    SPI_PSELSCK(ID) = sck;
    SPI_PSELMOSI(ID) = mosi;
    SPI_PSELMISO(ID) = miso;
    SPI_FREQUENCY(ID) = 0x02000000u << shift;
    SPI_CONFIG(ID) = (config->lsb_first ? SPI_LSB_FIRST : 0) | (config->phase ? SPI_CPHA : 0) |
                     (config->polarity ? SPI_CPOL : 0);
    SPI_READY(ID) = 0;
    SPI_ENABLE(ID) = SPI_ENABLED;
    return 0;
}

void hal_spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        SPI_TXD(ID) = tx ? tx[i] : 0;
        if (!wait_event(&SPI_READY(ID), 100000))
            return;
        SPI_READY(ID) = 0;
        uint8_t in = (uint8_t)SPI_RXD(ID);
        if (rx)
            rx[i] = in;
    }
}

void hal_spi_deinit(unsigned id) { SPI_ENABLE(ID) = 0; }
