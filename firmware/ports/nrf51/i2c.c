/* SPDX-License-Identifier: MIT
 * i2c.c: TWI0 [28] as the one I2C bus; on the board's own pins unless told otherwise.
 */
#include "nrf51.h"

#define ID ID_SPI0_TWI0

int hal_bus_id(hal_bus_t kind, const char *name) { return -E_NODEV; }

int hal_i2c_init(unsigned id, uint32_t hz, uint8_t *scl, uint8_t *sda)
{
    if (id != 0)
        return -E_NODEV;
    if (*scl == HAL_NO_PIN)
        *scl = PIN_SCL;
    if (*sda == HAL_NO_PIN)
        *sda = PIN_SDA;
    TWI_ENABLE(ID) = 0;
    hal_pin_config(*scl, HAL_ALT_OPEN_DRAIN, HAL_PULL_UP, 0);
    hal_pin_config(*sda, HAL_ALT_OPEN_DRAIN, HAL_PULL_UP, 0);
    TWI_PSELSCL(ID) = *scl;
    TWI_PSELSDA(ID) = *sda;
    TWI_FREQUENCY(ID) = hz < 250000 ? 0x01980000 : hz < 400000 ? 0x04000000 : 0x06680000; /* 100, 250, 400 kHz */
    TWI_SHORTS(ID) = 0;
    TWI_ENABLE(ID) = TWI_ENABLED;
    return 0;
}

/* Start the controller afresh. */
static void restart(void)
{
    TWI_ENABLE(ID) = 0;
    TWI_SHORTS(ID) = 0;
    TWI_ENABLE(ID) = TWI_ENABLED;
}

static int wait_twi(reg_t *event, uint32_t timeout_us)
{
    uint32_t start = hal_ticks_cpu(), limit = timeout_us * 16;
    while (!*event) {
        if (TWI_ERROR(ID)) {
            uint32_t source = TWI_ERRORSRC(ID);
            TWI_ERROR(ID) = 0;
            TWI_ERRORSRC(ID) = source;
            return source & (TWI_ANACK | TWI_DNACK) ? -E_NODEV : -E_IO;
        }
        if (hal_ticks_cpu() - start > limit) {
            restart();
            return -E_TIMEDOUT;
        }
    }
    return 0;
}

static int stop(uint32_t timeout_us)
{
    TWI_STOPPED(ID) = 0;
    TWI_STOP(ID) = 1;
    return wait_twi(&TWI_STOPPED(ID), timeout_us);
}

/* The clock is held after each byte until it has been fetched; before the last one STOP takes the place of that. */
static int read_bytes(uint8_t *data, size_t len, uint32_t timeout_us)
{
    TWI_STOPPED(ID) = 0;
    for (size_t i = 0; i < len; i++) {
        TWI_SHORTS(ID) = i == len - 1 ? TWI_BB_STOP : TWI_BB_SUSPEND;
        TWI_RXDREADY(ID) = 0;
        if (i == 0)
            TWI_STARTRX(ID) = 1;
        else
            TWI_RESUME(ID) = 1;
        int result = wait_twi(&TWI_RXDREADY(ID), timeout_us);
        if (result < 0) {
            TWI_SHORTS(ID) = 0;
            if (result != -E_TIMEDOUT)
                stop(timeout_us);
            return result;
        }
        data[i] = (uint8_t)TWI_RXD(ID);
    }
    int result = wait_twi(&TWI_STOPPED(ID), timeout_us);
    TWI_SHORTS(ID) = 0;
    return result < 0 ? result : (int)len;
}

static int write_bytes(const uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    if (!(flags & HAL_I2C_CONTINUE))
        TWI_STARTTX(ID) = 1;
    for (size_t i = 0; i < len; i++) {
        TWI_TXDSENT(ID) = 0;
        TWI_TXD(ID) = data[i];
        int result = wait_twi(&TWI_TXDSENT(ID), timeout_us);
        if (result < 0) {
            if (result != -E_TIMEDOUT)
                stop(timeout_us);
            /* the first byte follows the address: which of the two was refused? nobody answers there */
            return i == 0 && !(flags & HAL_I2C_CONTINUE) ? result : result == -E_NODEV ? (int)i : result;
        }
    }
    int result = flags & HAL_I2C_STOP ? stop(timeout_us) : 0;
    return result < 0 ? result : (int)len;
}

int hal_i2c_transfer(unsigned id, unsigned addr, uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    uint8_t probe;
    TWI_ADDRESS(ID) = addr;
    TWI_ERROR(ID) = 0;
    if (flags & HAL_I2C_READ && len)
        return read_bytes(data, len, timeout_us);
    if (len == 0 && !(flags & HAL_I2C_CONTINUE)) { /* the controller cannot send an address alone */
        int result = read_bytes(&probe, 1, timeout_us);
        return result < 0 ? result : 0;
    }
    return write_bytes(data, len, flags, timeout_us);
}
