/* SPDX-License-Identifier: MIT
 * hal.h: what a port does for the modules, the prompt and the file system. Small on purpose: a new chip is
 * one folder with these functions; what a chip lacks returns -ENODEV (or false), and its port says so.
 *
 * Functions return a count or 0 on success and a negative errno on failure; they never raise, because
 * some are called before there is an interpreter. Times are in the unit their name ends with.
 * "Interrupt" marks functions and callbacks that run in interrupt context.
 */
#ifndef ADDER_HAL_H
#define ADDER_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* errno values as MicroPython has them (and Linux); errno.h of newlib numbers some of them differently. */
enum {
    E_PERM = 1, E_NOENT = 2, E_IO = 5, E_BADF = 9, E_AGAIN = 11, E_NOMEM = 12, E_ACCES = 13, E_EXIST = 17,
    E_NODEV = 19, E_NOTDIR = 20, E_ISDIR = 21, E_INVAL = 22, E_MFILE = 24, E_NOSPC = 28, E_ROFS = 30,
    E_TIMEDOUT = 110
};

/* ---- time ---- */
uint32_t hal_ticks_ms(void); /* since power-on; wraps */
uint32_t hal_ticks_us(void); /* wraps */
uint64_t hal_uptime_us(void);
uint32_t hal_ticks_cpu(void); /* finest counter there is */
void hal_delay_us(uint32_t us); /* busy wait, for short pulses; does not poll */
/* Sleep until an interrupt wakes the program (hal_wake) or hal_ticks_ms reaches until_ms. An event that
 * came since the last call is not lost: it makes the next call return at once. */
void hal_wait(uint32_t until_ms);
void hal_wake(void); /* interrupt: what just happened is worth a look */
void hal_idle(void); /* sleep until any interrupt */
enum { HAL_FOREVER_MS = 0x3fffffff };
/* Interrupt: the port calls it when the time asked for with hal_soft_timer has come. One is enough: a
 * module keeps the queue. */
void hal_soft_timer(bool on, uint32_t at_ms);
void hal_on_soft_timer(void);

/* ---- terminal ---- */
int hal_stdin_get(void);     /* next byte, -1 if there is none */
bool hal_stdin_ready(void);
void hal_stdin_interrupt_char(int c); /* this byte calls vm_interrupt instead; -1: none */
void hal_stdout_write(const char *data, size_t len); /* bytes as they are; waits when the buffer is full */
void hal_stdout_flush(void);

/* ---- machine ---- */
typedef enum { HAL_PWRON_RESET = 1, HAL_HARD_RESET, HAL_WDT_RESET, HAL_DEEPSLEEP_RESET, HAL_SOFT_RESET } hal_cause_t;
hal_cause_t hal_reset_cause(void);
_Noreturn void hal_reset(void);
_Noreturn void hal_bootloader(void);
unsigned hal_unique_id(uint8_t id[16]); /* returns its length */
uint32_t hal_random(void);
uint32_t hal_irq_disable(void); /* the state to give back */
void hal_irq_restore(uint32_t state);
/* Clocks: CPU, then buses; as many as there are. */
unsigned hal_freq(uint32_t hz[4]);
int hal_set_freq(uint32_t hz);
void hal_sleep(uint32_t ms);          /* light sleep; 0: until an interrupt */
_Noreturn void hal_deepsleep(uint32_t ms);
int hal_wdt_start(uint32_t ms);
void hal_wdt_feed(void);

/* ---- pins: a number for each; their names are generated from the board's description (gen_pins.py) ---- */
enum { HAL_NO_PIN = 0xff };
typedef enum { HAL_IN, HAL_OUT, HAL_OPEN_DRAIN, HAL_ALT, HAL_ALT_OPEN_DRAIN, HAL_ANALOG } hal_pin_mode_t;
typedef enum { HAL_PULL_NONE, HAL_PULL_UP, HAL_PULL_DOWN } hal_pull_t;
enum { HAL_RISING = 1, HAL_FALLING = 2 };
void hal_pin_config(unsigned pin, hal_pin_mode_t mode, hal_pull_t pull, unsigned alt);
hal_pin_mode_t hal_pin_mode(unsigned pin);
hal_pull_t hal_pin_pull(unsigned pin);
unsigned hal_pin_alt(unsigned pin);
bool hal_pin_read(unsigned pin);
bool hal_pin_out(unsigned pin); /* what an output drives */
void hal_pin_write(unsigned pin, bool level);
/* Edges 0: off. -E_INVAL if the pin cannot interrupt. */
int hal_pin_irq(unsigned pin, unsigned edges);
void hal_on_pin(unsigned pin); /* interrupt: implemented by the Pin module */
/* Wire-speed loops that need exact timing: WS2812 and friends, high/low times of 0 and 1 in ns. */
void hal_bitstream(unsigned pin, const uint32_t timing_ns[4], const uint8_t *data, size_t len);

/* ---- analogue ---- */
enum { HAL_ADC_TEMP = 0x100, HAL_ADC_VREF, HAL_ADC_VBAT };
int hal_adc_channel(unsigned pin); /* -E_INVAL: no analogue input */
int hal_adc_read(unsigned channel, unsigned *bits); /* raw value and its width; negative: error */
int hal_dac_write(unsigned pin, unsigned value12);

/* ---- PWM: a pin's own timer channel; duty in 1/65536 of the period (65536: always high) ---- */
int hal_pwm_set(unsigned pin, uint32_t hz, uint32_t duty); /* starts or changes it */
int hal_pwm_get(unsigned pin, uint32_t *hz, uint32_t *duty); /* hz 0: not running */
void hal_pwm_stop(unsigned pin);

/* ---- hardware timers: call hal_on_timer(id) at a rate ---- */
int hal_timer_start(unsigned id, uint32_t prescaler, uint32_t period, bool interrupt); /* as the registers take them */
uint32_t hal_timer_source_hz(unsigned id); /* 0: no such timer */
void hal_timer_stop(unsigned id);
uint32_t hal_timer_counter(unsigned id);
void hal_on_timer(unsigned id); /* interrupt */
/* Output channel 1..4 of a timer in PWM mode on a pin; the timer must have been started. */
int hal_timer_pwm(unsigned id, unsigned channel, unsigned pin, uint32_t compare);

/* ---- serial buses; ids are what programs write ---- */
/* The number of a bus with a name, such as pyboard's I2C("X"); negative: no such bus. */
typedef enum { HAL_BUS_I2C, HAL_BUS_SPI, HAL_BUS_UART } hal_bus_t;
int hal_bus_id(hal_bus_t kind, const char *name);
typedef struct hal_uart_config {
    uint32_t baud;
    uint8_t bits, stop; /* 7, 8, 9; 1, 2 */
    int8_t parity;      /* -1 none, 0 even, 1 odd */
    uint8_t tx, rx;     /* pins; HAL_NO_PIN: the usual ones */
} hal_uart_config_t;
int hal_uart_init(unsigned id, const hal_uart_config_t *config, uint8_t *rx_buffer, size_t size);
void hal_uart_deinit(unsigned id);
bool hal_uart_is_console(unsigned id);
size_t hal_uart_any(unsigned id);
int hal_uart_get(unsigned id);                /* -1: nothing */
bool hal_uart_put(unsigned id, uint8_t byte); /* false: not now */
bool hal_uart_sent(unsigned id);
void hal_uart_break(unsigned id);
void hal_on_uart(unsigned id);                /* interrupt: bytes came in after a pause */

int hal_i2c_init(unsigned id, uint32_t hz, uint8_t *scl, uint8_t *sda); /* tells the pins */
/* Start (again), address, data, and a stop if wanted. Returns bytes acknowledged when writing (the
 * address does not count), bytes when reading; -E_NODEV if no one answered. */
enum { HAL_I2C_READ = 1, HAL_I2C_STOP = 2, HAL_I2C_CONTINUE = 4 /* no start and address: goes on writing */ };
int hal_i2c_transfer(unsigned id, unsigned addr, uint8_t *data, size_t len, unsigned flags, uint32_t timeout_us);

typedef struct hal_spi_config {
    uint32_t baud;
    uint8_t polarity, phase, bits, lsb_first;
    uint8_t sck, mosi, miso;
} hal_spi_config_t;
int hal_spi_init(unsigned id, hal_spi_config_t *config); /* sets baud to what it became, and the pins */
void hal_spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t len); /* either may be NULL */
void hal_spi_deinit(unsigned id);

/* ---- calendar clock ---- */
typedef struct hal_datetime {
    uint16_t year;
    uint8_t month, day, weekday; /* weekday 0: Monday */
    uint8_t hour, minute, second;
    uint32_t us;
} hal_datetime_t;
void hal_rtc_get(hal_datetime_t *t);
void hal_rtc_set(const hal_datetime_t *t);
/* Memory that outlives resets and deep sleep, where there is some (ADDER_RTC_MEMORY): what was written last. */
size_t hal_rtc_memory_size(void);
size_t hal_rtc_memory_read(uint8_t *to);
void hal_rtc_memory_write(const uint8_t *from, size_t len);

/* ---- flash disk: blocks of 512 bytes ---- */
uint32_t hal_disk_blocks(void);
int hal_disk_read(uint32_t block, uint8_t *data, uint32_t count);
int hal_disk_write(uint32_t block, const uint8_t *data, uint32_t count);
/* What was written is now in the flash. After a power cut all that was written between two of these is there, or nothing of it
 * (of some dozen kilobytes at most). */
int hal_disk_sync(void);

#endif
