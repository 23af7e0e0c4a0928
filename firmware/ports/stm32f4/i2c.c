/* SPDX-License-Identifier: MIT
 * i2c.c: I2C1-3 as masters [27], polled. The sequences for one, two and more bytes are those of 27.3.3 "Closing the
 * communication" and of erratum 2.4.x: NACK and STOP must be set before the last byte is through.
 */
#include "stm32f4.h"
#include <string.h>

static const struct {
    i2c_regs_t *regs;
    uint8_t enable_bit, scl, sda;
    const char *name;
} info[] = {
    {(i2c_regs_t *)0x40005400, 21, PIN(B, 6), PIN(B, 7), "X"},
    {(i2c_regs_t *)0x40005800, 22, PIN(B, 10), PIN(B, 11), "Y"},
    {(i2c_regs_t *)0x40005c00, 23, PIN(A, 8), PIN(C, 9), ""},
};
enum { BUSES = sizeof info / sizeof info[0], ALT_I2C = 4 };

int hal_bus_id(hal_bus_t kind, const char *name)
{
    static const struct {
        hal_bus_t kind;
        char name[3];
        uint8_t id;
    } names[] = {
        {HAL_BUS_I2C, "X", 1}, {HAL_BUS_I2C, "Y", 2}, {HAL_BUS_SPI, "X", 1}, {HAL_BUS_SPI, "Y", 2},
        {HAL_BUS_UART, "XA", 4}, {HAL_BUS_UART, "XB", 1}, {HAL_BUS_UART, "YA", 6}, {HAL_BUS_UART, "YB", 3},
    };
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].kind == kind && strcmp(names[i].name, name) == 0)
            return names[i].id;
    return -E_NODEV;
}

/* Clock pulses by hand until a device that was interrupted in the middle of a byte lets go of SDA. */
static void free_bus(unsigned scl, unsigned sda)
{
    hal_pin_write(scl, true);
    hal_pin_write(sda, true);
    hal_pin_config(scl, HAL_OPEN_DRAIN, HAL_PULL_UP, 0);
    hal_pin_config(sda, HAL_OPEN_DRAIN, HAL_PULL_UP, 0);
    hal_pin_write(scl, true);
    hal_pin_write(sda, true);
    hal_delay_us(5);
    for (unsigned i = 0; i < 9 && !hal_pin_read(sda); i++) {
        hal_pin_write(scl, false);
        hal_delay_us(5);
        hal_pin_write(scl, true);
        hal_delay_us(5);
    }
}

int hal_i2c_init(unsigned id, uint32_t hz, uint8_t *scl, uint8_t *sda)
{
    if (id < 1 || id > BUSES)
        return -E_NODEV;
    if ((*scl != HAL_NO_PIN && *scl != info[id - 1].scl && !(id == 1 && *scl == PIN(B, 8))) ||
        (*sda != HAL_NO_PIN && *sda != info[id - 1].sda && !(id == 1 && *sda == PIN(B, 9))))
        return -E_INVAL;
    if (*scl == HAL_NO_PIN)
        *scl = info[id - 1].scl;
    if (*sda == HAL_NO_PIN)
        *sda = info[id - 1].sda;
    i2c_regs_t *i2c = info[id - 1].regs;
    uint32_t clock = clock_apb1_hz(), mhz = clock / 1000000;
    RCC->apb1enr |= 1u << info[id - 1].enable_bit;
    free_bus(*scl, *sda);
    hal_pin_config(*scl, HAL_ALT_OPEN_DRAIN, HAL_PULL_UP, ALT_I2C);
    hal_pin_config(*sda, HAL_ALT_OPEN_DRAIN, HAL_PULL_UP, ALT_I2C);
    i2c->cr1 = I2C_CR1_SWRST;
    i2c->cr1 = 0;
    i2c->cr2 = mhz;
    if (hz <= 100000) {
        uint32_t ccr = (clock + 2 * hz - 1) / (2 * hz);
        i2c->ccr = ccr < 4 ? 4 : ccr;
        i2c->trise = mhz + 1; /* 1000 ns */
    } else {
        if (hz > 400000)
            hz = 400000;
        uint32_t ccr = (clock + 3 * hz - 1) / (3 * hz); /* low twice as long as high */
        i2c->ccr = I2C_CCR_FS | (ccr < 1 ? 1 : ccr);
        i2c->trise = mhz * 300 / 1000 + 1;
    }
    i2c->cr1 = I2C_CR1_PE;
    return 0;
}

/* Wait for a flag of SR1. -E_NODEV: not acknowledged. */
static int wait_flag(i2c_regs_t *i2c, uint32_t flag, uint32_t timeout_us)
{
    uint32_t start = hal_ticks_us();
    for (;;) {
        uint32_t sr = i2c->sr1;
        if (sr & (I2C_SR1_AF | I2C_SR1_BERR | I2C_SR1_ARLO)) {
            i2c->sr1 = 0; /* these three are cleared by writing 0 */
            return sr & I2C_SR1_AF ? -E_NODEV : -E_IO;
        }
        if (sr & flag)
            return 0;
        if (hal_ticks_us() - start > timeout_us)
            return -E_TIMEDOUT;
    }
}

/* After an error: let go of the bus; after a timeout start the controller afresh. */
static int give_up(i2c_regs_t *i2c, int error)
{
    i2c->cr1 |= I2C_CR1_STOP;
    if (error == -E_TIMEDOUT) {
        uint32_t cr2 = i2c->cr2, ccr = i2c->ccr, trise = i2c->trise;
        i2c->cr1 = I2C_CR1_SWRST;
        i2c->cr1 = 0;
        i2c->cr2 = cr2;
        i2c->ccr = ccr;
        i2c->trise = trise;
        i2c->cr1 = I2C_CR1_PE;
    }
    return error;
}

static int start(i2c_regs_t *i2c, unsigned addr, bool read, uint32_t timeout_us)
{
    /* ACK is looked at when the address is out: two bytes with POS need it there (27.3.3). */
    i2c->cr1 |= I2C_CR1_START | (read ? I2C_CR1_ACK : 0);
    int result = wait_flag(i2c, I2C_SR1_SB, timeout_us);
    if (result < 0)
        return result;
    i2c->dr = addr << 1 | read;
    return wait_flag(i2c, I2C_SR1_ADDR, timeout_us);
}

static void wait_stopped(i2c_regs_t *i2c)
{
    wait_for(&i2c->cr1, I2C_CR1_STOP, 0, 100000);
}

static int write_bytes(i2c_regs_t *i2c, const uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    int acks = 0;
    for (size_t i = 0; i < len; i++) {
        int result = wait_flag(i2c, I2C_SR1_TXE, timeout_us);
        if (result >= 0) {
            i2c->dr = data[i];
            result = wait_flag(i2c, I2C_SR1_BTF, timeout_us);
        }
        if (result == -E_NODEV) {
            i2c->cr1 |= I2C_CR1_STOP;
            wait_stopped(i2c);
            return acks;
        }
        if (result < 0)
            return give_up(i2c, result);
        acks++;
    }
    if (flags & HAL_I2C_STOP) {
        i2c->cr1 |= I2C_CR1_STOP;
        wait_stopped(i2c);
    }
    return acks;
}

/* After the address. A byte is acknowledged as it comes in, so what is to happen at the end must be known two bytes before. */
static int read_bytes(i2c_regs_t *i2c, uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    uint32_t stop = flags & HAL_I2C_STOP ? I2C_CR1_STOP : 0;
    size_t i = 0;
    int result = 0;
    if (len == 1) {
        i2c->cr1 &= ~(uint32_t)I2C_CR1_ACK;
        (void)i2c->sr2; /* clears ADDR: the byte comes */
        i2c->cr1 |= stop;
    } else if (len == 2) {
        i2c->cr1 = (i2c->cr1 & ~(uint32_t)I2C_CR1_ACK) | I2C_CR1_POS; /* NACK for the second */
        (void)i2c->sr2;
    } else {
        i2c->cr1 |= I2C_CR1_ACK;
        (void)i2c->sr2;
    }
    for (; result >= 0 && len - i > 3; i++) {
        result = wait_flag(i2c, I2C_SR1_RXNE, timeout_us);
        if (result >= 0)
            data[i] = (uint8_t)i2c->dr;
    }
    if (result >= 0 && len - i == 3) { /* one in DR, one in the shifter, then the last */
        result = wait_flag(i2c, I2C_SR1_BTF, timeout_us);
        i2c->cr1 &= ~(uint32_t)I2C_CR1_ACK;
        if (result >= 0)
            data[i++] = (uint8_t)i2c->dr;
    }
    if (result >= 0 && len - i == 2) { /* both are there, the clock is held */
        result = wait_flag(i2c, I2C_SR1_BTF, timeout_us);
        i2c->cr1 |= stop;
        if (result >= 0)
            data[i++] = (uint8_t)i2c->dr;
    }
    if (result >= 0 && len - i == 1) {
        result = wait_flag(i2c, I2C_SR1_RXNE, timeout_us);
        if (result >= 0)
            data[i++] = (uint8_t)i2c->dr;
    }
    i2c->cr1 &= ~(uint32_t)(I2C_CR1_POS | I2C_CR1_ACK);
    if (result < 0)
        return give_up(i2c, result);
    if (stop)
        wait_stopped(i2c);
    return (int)len;
}

int hal_i2c_transfer(unsigned id, unsigned addr, uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    i2c_regs_t *i2c = info[id - 1].regs;
    if (!(flags & HAL_I2C_CONTINUE)) {
        bool read = flags & HAL_I2C_READ && len;
        int result = start(i2c, addr, read, timeout_us);
        if (result < 0) {
            result = give_up(i2c, result);
            wait_stopped(i2c);
            return result;
        }
        if (read)
            return read_bytes(i2c, data, len, flags, timeout_us);
        (void)i2c->sr2; /* clears ADDR */
    }
    return write_bytes(i2c, data, len, flags, timeout_us);
}
