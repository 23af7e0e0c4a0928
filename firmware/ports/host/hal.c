/* SPDX-License-Identifier: MIT
 * hal.c: the minimal port: pins in memory, the computer's clock, serial ports and SPI that hear what they say, no I2C device,
 * no flash disk. It proves that hal.h is enough, and tests modules. Timers are signals, which are this port's interrupts.
 */
#include "../hal.h"
#include "host.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PINS = 64, UARTS = 8, SPIS = 4, ADC_BITS = 12 };

static struct {
    volatile bool woken;
    struct pin_state {
        uint8_t mode, pull, alt, out, edges;
    } pins[PINS];
    struct pwm_state {
        uint32_t hz, duty;
    } pwm[PINS];
    struct uart_state {
        uint8_t *buffer;
        size_t size, in, out;
    } uarts[UARTS];
    int64_t rtc_offset_us;
} host;

/* ---- time ---- */

uint64_t hal_uptime_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint32_t hal_ticks_ms(void) { return (uint32_t)(hal_uptime_us() / 1000); }
uint32_t hal_ticks_us(void) { return (uint32_t)hal_uptime_us(); }

uint32_t hal_ticks_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec);
}

void hal_delay_us(uint32_t us)
{
    uint64_t end = hal_uptime_us() + us;
    while (hal_uptime_us() < end) {
    }
}

void hal_wake(void) { host.woken = true; }

/* Signals are held back but for the sleep itself, so that none comes between the look and the sleep. */
static void sleep_until_signal(uint32_t ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    sigset_t none;
    sigemptyset(&none);
    pselect(0, NULL, NULL, NULL, &t, &none);
}

void hal_wait(uint32_t until_ms)
{
    for (;;) {
        uint32_t state = hal_irq_disable();
        int32_t left = (int32_t)(until_ms - hal_ticks_ms());
        bool over = host.woken || left <= 0;
        if (!over) {
            sleep_until_signal((uint32_t)left);
            host.woken = true; /* any signal is worth a look */
        }
        if (over)
            host.woken = false;
        hal_irq_restore(state);
        if (over)
            return;
    }
}

void hal_idle(void)
{
    uint32_t state = hal_irq_disable();
    sleep_until_signal(1);
    hal_irq_restore(state);
}

static void on_alarm(int signal)
{
    int saved = errno;
    hal_wake();
    hal_on_soft_timer();
    errno = saved;
}

void hal_soft_timer(bool on, uint32_t at_ms)
{
    struct itimerval t = {{0, 0}, {0, 0}};
    int32_t left = (int32_t)(at_ms - hal_ticks_ms());
    if (on) {
        signal(SIGALRM, on_alarm);
        left = left < 1 ? 1 : left;
        t.it_value.tv_sec = left / 1000;
        t.it_value.tv_usec = left % 1000 * 1000;
    }
    setitimer(ITIMER_REAL, &t, NULL);
}

static void (*interrupt_handler)(void);

static void on_interrupt(int signal)
{
    hal_wake();
    interrupt_handler();
}

void host_on_interrupt(void (*handler)(void))
{
    struct sigaction action = {.sa_handler = on_interrupt};
    interrupt_handler = handler;
    sigaction(SIGINT, &action, NULL);
}

/* ---- machine ---- */

hal_cause_t hal_reset_cause(void) { return HAL_PWRON_RESET; }

_Noreturn void hal_reset(void)
{
    fflush(stdout);
    exit(0);
}

_Noreturn void hal_bootloader(void) { hal_reset(); }

unsigned hal_unique_id(uint8_t id[16])
{
    memcpy(id, "adder-host", 10);
    return 10;
}

uint32_t hal_random(void) { return (uint32_t)random() ^ (uint32_t)random() << 8; }

uint32_t hal_irq_disable(void)
{
    sigset_t block, before;
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigaddset(&block, SIGINT);
    sigprocmask(SIG_BLOCK, &block, &before);
    return (uint32_t)sigismember(&before, SIGALRM);
}

void hal_irq_restore(uint32_t state)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigaddset(&set, SIGINT);
    sigprocmask(state ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

unsigned hal_freq(uint32_t hz[4])
{
    hz[0] = 1000000000;
    return 1;
}

int hal_set_freq(uint32_t hz) { return -E_INVAL; }
void hal_sleep(uint32_t ms) { hal_wait(hal_ticks_ms() + (ms ? ms : HAL_FOREVER_MS)); }

_Noreturn void hal_deepsleep(uint32_t ms)
{
    hal_wait(hal_ticks_ms() + ms);
    hal_reset();
}

int hal_wdt_start(uint32_t ms) { return ms > 32000 ? -E_INVAL : 0; }
void hal_wdt_feed(void) {}

/* ---- pins ---- */

void hal_pin_config(unsigned pin, hal_pin_mode_t mode, hal_pull_t pull, unsigned alt)
{
    host.pins[pin].mode = (uint8_t)mode;
    host.pins[pin].pull = (uint8_t)pull;
    host.pins[pin].alt = (uint8_t)alt;
}

hal_pin_mode_t hal_pin_mode(unsigned pin) { return host.pins[pin].mode; }
hal_pull_t hal_pin_pull(unsigned pin) { return host.pins[pin].pull; }
unsigned hal_pin_alt(unsigned pin) { return host.pins[pin].alt; }

bool hal_pin_read(unsigned pin)
{
    const struct pin_state *p = &host.pins[pin];
    switch (p->mode) {
    case HAL_OUT: return p->out;
    case HAL_OPEN_DRAIN: return p->out && p->pull == HAL_PULL_UP;
    default: return p->pull == HAL_PULL_UP;
    }
}

bool hal_pin_out(unsigned pin) { return host.pins[pin].out; }

void hal_pin_write(unsigned pin, bool level)
{
    bool before = hal_pin_read(pin);
    host.pins[pin].out = level;
    bool after = hal_pin_read(pin);
    if (before != after && host.pins[pin].edges & (after ? HAL_RISING : HAL_FALLING)) {
        hal_wake();
        hal_on_pin(pin);
    }
}

int hal_pin_irq(unsigned pin, unsigned edges)
{
    host.pins[pin].edges = (uint8_t)edges;
    return 0;
}

void hal_bitstream(unsigned pin, const uint32_t timing_ns[4], const uint8_t *data, size_t len) {}

/* ---- analogue ---- */

int hal_adc_channel(unsigned pin) { return pin < 16 ? (int)pin : -E_INVAL; }

/* A ramp over the channels; the temperature sensor of the STM32 at 25 degrees. */
int hal_adc_read(unsigned channel, unsigned *bits)
{
    *bits = ADC_BITS;
    if (channel == HAL_ADC_TEMP)
        return 943;
    if (channel == HAL_ADC_VREF)
        return 1502;
    return channel < 19 ? (int)(channel * 4095 / 18) : -E_INVAL;
}

int hal_dac_write(unsigned pin, unsigned value) { return -E_NODEV; }

int hal_pwm_set(unsigned pin, uint32_t hz, uint32_t duty)
{
    host.pwm[pin].hz = hz;
    host.pwm[pin].duty = duty;
    return 0;
}

int hal_pwm_get(unsigned pin, uint32_t *hz, uint32_t *duty)
{
    *hz = host.pwm[pin].hz;
    *duty = host.pwm[pin].duty;
    return 0;
}

void hal_pwm_stop(unsigned pin) { host.pwm[pin].hz = host.pwm[pin].duty = 0; }

int hal_timer_start(unsigned id, uint32_t prescaler, uint32_t period, bool interrupt) { return -E_NODEV; }
uint32_t hal_timer_source_hz(unsigned id) { return 0; }
void hal_timer_stop(unsigned id) {}
uint32_t hal_timer_counter(unsigned id) { return 0; }
int hal_timer_pwm(unsigned id, unsigned channel, unsigned pin, uint32_t compare) { return -E_NODEV; }

/* ---- serial buses ---- */

int hal_bus_id(hal_bus_t kind, const char *name) { return -E_NODEV; }

int hal_uart_init(unsigned id, const hal_uart_config_t *config, uint8_t *rx_buffer, size_t size)
{
    if (id >= UARTS || config->bits < 7 || config->bits > 9 || !config->baud)
        return id >= UARTS ? -E_NODEV : -E_INVAL;
    host.uarts[id] = (struct uart_state){rx_buffer, size, 0, 0};
    return 0;
}

void hal_uart_deinit(unsigned id) { host.uarts[id].buffer = NULL; }
bool hal_uart_is_console(unsigned id) { return id == 0; }
size_t hal_uart_any(unsigned id) { return host.uarts[id].in - host.uarts[id].out; }

int hal_uart_get(unsigned id)
{
    struct uart_state *u = &host.uarts[id];
    return u->in == u->out ? -1 : u->buffer[u->out++ % u->size];
}

bool hal_uart_put(unsigned id, uint8_t byte)
{
    struct uart_state *u = &host.uarts[id];
    if (u->in - u->out < u->size)
        u->buffer[u->in++ % u->size] = byte;
    hal_on_uart(id);
    return true;
}

bool hal_uart_sent(unsigned id) { return true; }
void hal_uart_break(unsigned id) {}

int hal_i2c_init(unsigned id, uint32_t hz, uint8_t *scl, uint8_t *sda)
{
    *scl = *scl == HAL_NO_PIN ? 0 : *scl;
    *sda = *sda == HAL_NO_PIN ? 1 : *sda;
    return id < 4 ? 0 : -E_NODEV;
}

int hal_i2c_transfer(unsigned id, unsigned addr, uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us)
{
    return -E_NODEV;
}

int hal_spi_init(unsigned id, hal_spi_config_t *config) { return id < SPIS ? 0 : -E_NODEV; }

void hal_spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t len)
{
    if (rx && tx)
        memmove(rx, tx, len);
    else if (rx)
        memset(rx, 0, len);
}

void hal_spi_deinit(unsigned id) {}

/* ---- calendar ---- */

void hal_rtc_get(hal_datetime_t *t)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + host.rtc_offset_us;
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    *t = (hal_datetime_t){(uint16_t)(tm.tm_year + 1900), (uint8_t)(tm.tm_mon + 1), (uint8_t)tm.tm_mday,
                          (uint8_t)((tm.tm_wday + 6) % 7), (uint8_t)tm.tm_hour, (uint8_t)tm.tm_min, (uint8_t)tm.tm_sec,
                          (uint32_t)(us % 1000000)};
}

void hal_rtc_set(const hal_datetime_t *t)
{
    struct tm tm = {.tm_year = t->year - 1900, .tm_mon = t->month - 1, .tm_mday = t->day, .tm_hour = t->hour,
                    .tm_min = t->minute, .tm_sec = t->second};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    host.rtc_offset_us = (int64_t)timegm(&tm) * 1000000 + t->us - ((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* ---- there is no flash disk ---- */

uint32_t hal_disk_blocks(void) { return 0; }
int hal_disk_read(uint32_t block, uint8_t *data, uint32_t count) { return -E_NODEV; }
int hal_disk_write(uint32_t block, const uint8_t *data, uint32_t count) { return -E_NODEV; }
int hal_disk_sync(void) { return 0; }
