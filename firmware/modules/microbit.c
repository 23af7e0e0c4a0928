/* SPDX-License-Identifier: MIT
 * microbit.c: the module microbit: buttons, time, temperature, panic; and the table with what its other files have.
 */
#include "microbit.h"
#include "ports/device.h"

/* ---- buttons: looked at every 6 ms; a change counts when it is seen twice ---- */

typedef struct button {
    volatile uint8_t seen, pressed, was;
    volatile uint16_t presses;
} button_state_t;
static button_state_t buttons[2];
static const uint8_t button_pins[2] = {17, 26};

typedef struct button_obj {
    const type_t *type;
    uintptr_t index;
} button_obj_t;

static button_state_t *button_of(val_t self) { return &buttons[((const button_obj_t *)obj_of(self))->index]; }

static void button_tick(button_state_t *b, bool low)
{
    if (b->seen == low && b->pressed != low) {
        b->pressed = low;
        if (low) {
            b->was = 1;
            b->presses++;
        }
        hal_wake();
    }
    b->seen = low;
}

static val_t button_is_pressed(val_t self) { return V_BOOL(button_of(self)->pressed); }

static val_t button_was_pressed(val_t self)
{
    button_state_t *b = button_of(self);
    val_t was = V_BOOL(b->was);
    b->was = 0;
    return was;
}

static val_t button_get_presses(val_t self)
{
    button_state_t *b = button_of(self);
    uint32_t state = hal_irq_disable();
    unsigned presses = b->presses;
    b->presses = 0;
    hal_irq_restore(state);
    return V_INT(presses);
}

static const dict_entry_t button_table[] = {
    METHOD_1(is_pressed, button_is_pressed),
    METHOD_1(was_pressed, button_was_pressed),
    METHOD_1(get_presses, button_get_presses),
};
static const dict_t button_attrs = ROM_DICT(button_table);
static const type_t type_button = {TYPE_HEAD, .name = Q(MicroBitButton), .attrs = &button_attrs};
static const button_obj_t button_a = {&type_button, 0}, button_b = {&type_button, 1};

/* ---- the tick ---- */

void microbit_tick(void)
{
    for (unsigned i = 0; i < COUNT_OF(buttons); i++)
        button_tick(&buttons[i], !hal_pin_read(button_pins[i]));
    display_tick(DISPLAY_TICK_MS);
    music_tick(DISPLAY_TICK_MS);
}

void board_init(void)
{
    for (unsigned i = 0; i < COUNT_OF(buttons); i++)
        hal_pin_config(button_pins[i], HAL_IN, HAL_PULL_UP, 0);
    display_reset();
}

/* Before a soft reset: as after power-on. */
void board_deinit(void)
{
    music_reset();
    edge_pin_reset();
    radio_forget();
    bus_reset();
    sensors_reset();
    memset(buttons, 0, sizeof buttons);
    board_init();
}

/* ---- functions ---- */

void microbit_sleep(uint32_t ms)
{
    uint32_t until = hal_ticks_ms() + ms;
    do {
        vm_poll();
        hal_wait(until);
    } while ((int32_t)(until - hal_ticks_ms()) > 0);
    vm_poll();
}

static val_t microbit_sleep_(val_t ms)
{
    intptr_t n = is_float(ms) ? (intptr_t)float_of(ms) : int_arg(ms);
    if (n > 0)
        microbit_sleep((uint32_t)n);
    return V_NONE;
}

static val_t microbit_running_time(void) { return int_from(hal_ticks_ms()); }

static val_t microbit_temperature(void)
{
    unsigned bits;
    return V_INT((hal_adc_read(HAL_ADC_TEMP, &bits) + 2) >> 2);
}

/* A sad face and the number's digits, one after the other, until somebody resets the board. */
static _Noreturn val_t microbit_panic(unsigned n, const val_t *args)
{
    static const uint8_t face[] = {0, 0, 0, 0, 0, 9, 9, 0, 9, 9, 0, 0, 0, 0, 0, 0, 9, 9, 9, 0, 9, 0, 0, 0, 9};
    intptr_t code = n ? int_arg(args[0]) : 0;
    display_reset();
    for (;;) {
        memcpy(display_pixels, face, sizeof face);
        hal_delay_us(1000000);
        for (unsigned divisor = 100; divisor; divisor /= 10) {
            for (unsigned i = 0; i < DISPLAY_PIXELS; i++)
                display_pixels[i] = font_row('0' + (uintptr_t)code / divisor % 10, i / 5) >> (4 - i % 5) & 1 ? 9 : 0;
            hal_delay_us(800000);
            memset(display_pixels, 0, sizeof display_pixels);
            hal_delay_us(200000);
        }
    }
}


static const dict_entry_t microbit_table[] = {
    {VQ(Image), V_OBJ(&type_Image)},
    {VQ(display), V_OBJ(&microbit_display)},
    {VQ(button_a), V_OBJ(&button_a)},
    {VQ(button_b), V_OBJ(&button_b)},
    {VQ(accelerometer), V_OBJ(&microbit_accelerometer)},
    {VQ(compass), V_OBJ(&microbit_compass)},
    {VQ(i2c), V_OBJ(&microbit_i2c)},
    {VQ(spi), V_OBJ(&microbit_spi)},
    {VQ(uart), V_OBJ(&microbit_uart)},
    {VQ(pin0), V_OBJ(&edge_pins[0])},
    {VQ(pin1), V_OBJ(&edge_pins[1])},
    {VQ(pin2), V_OBJ(&edge_pins[2])},
    {VQ(pin3), V_OBJ(&edge_pins[3])},
    {VQ(pin4), V_OBJ(&edge_pins[4])},
    {VQ(pin5), V_OBJ(&edge_pins[5])},
    {VQ(pin6), V_OBJ(&edge_pins[6])},
    {VQ(pin7), V_OBJ(&edge_pins[7])},
    {VQ(pin8), V_OBJ(&edge_pins[8])},
    {VQ(pin9), V_OBJ(&edge_pins[9])},
    {VQ(pin10), V_OBJ(&edge_pins[10])},
    {VQ(pin11), V_OBJ(&edge_pins[11])},
    {VQ(pin12), V_OBJ(&edge_pins[12])},
    {VQ(pin13), V_OBJ(&edge_pins[13])},
    {VQ(pin14), V_OBJ(&edge_pins[14])},
    {VQ(pin15), V_OBJ(&edge_pins[15])},
    {VQ(pin16), V_OBJ(&edge_pins[16])},
    {VQ(pin19), V_OBJ(&edge_pins[19])},
    {VQ(pin20), V_OBJ(&edge_pins[20])},
    FUNC_1(sleep, microbit_sleep_),
    FUNC_0(running_time, microbit_running_time),
    FUNC_0(temperature, microbit_temperature),
    FUNC_V(panic, microbit_panic, 0, 1),
    FUNC_0(reset, machine_reset),
};
MODULE(microbit, microbit_table);
