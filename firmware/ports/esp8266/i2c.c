/* SPDX-License-Identifier: MIT
 * i2c.c: the chip has no I2C controller. I2C with the names of its two pins is SoftI2C.
 */
#include "esp8266.h"

int hal_bus_id(hal_bus_t kind, const char *name) { return -E_NODEV; }
int hal_i2c_init(unsigned id, uint32_t hz, uint8_t *scl, uint8_t *sda) { return -E_NODEV; }
int hal_i2c_transfer(unsigned id, unsigned addr, uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    return -E_NODEV;
}
