/* SPDX-License-Identifier: MIT
 * pyb.c: the pyboard's own module: LED, Switch, times and shortcuts. Timer, Servo, DAC, ExtInt: pyb_timer.c, pyb_parts.c.
 */
#include "pyb.h"
#include "ports/fsys.h"

/* ---- LED: 1 red, 2 green, 3 yellow, 4 blue; the last two have a timer's channel for their brightness ---- */

enum { LEDS = 4 };
static const str_t *const led_pins[LEDS] = {Q(LED_RED), Q(LED_GREEN), Q(LED_YELLOW), Q(LED_BLUE)};

typedef struct led {
    const type_t *type;
    uintptr_t number;
} led_t;
static const led_t leds[LEDS] = {{&type_LED, 1}, {&type_LED, 2}, {&type_LED, 3}, {&type_LED, 4}};

static unsigned led_pin(val_t self)
{
    const led_t *led = (const led_t *)obj_of(self);
    return (unsigned)pin_arg(V_OBJ(led_pins[led->number - 1]))->number;
}

static bool led_dims(val_t self) { return ((const led_t *)obj_of(self))->number > 2; }

static void led_set(val_t self, bool on)
{
    unsigned pin = led_pin(self);
    if (led_dims(self))
        hal_pwm_stop(pin);
    hal_pin_write(pin, on);
    hal_pin_config(pin, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_write(pin, on);
}

static int led_level(val_t self)
{
    uint32_t hz = 0, duty = 0;
    if (led_dims(self))
        hal_pwm_get(led_pin(self), &hz, &duty);
    if (hz)
        return (int)(duty * 255 / 65536);
    return hal_pin_mode(led_pin(self)) == HAL_OUT && hal_pin_out(led_pin(self)) ? 255 : 0;
}

static val_t led_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 1, 1);
    intptr_t number = int_arg(args[0]);
    if (number < 1 || number > LEDS)
        raise_format(&type_ValueError, "LED(%d) doesn't exist", (int)number);
    val_t self = V_OBJ(&leds[number - 1]);
    if (hal_pin_mode(led_pin(self)) != HAL_OUT && !led_level(self))
        led_set(self, false);
    return self;
}

static val_t led_on(val_t self)
{
    led_set(self, true);
    return V_NONE;
}

static val_t led_off(val_t self)
{
    led_set(self, false);
    return V_NONE;
}

static val_t led_toggle(val_t self)
{
    led_set(self, led_level(self) == 0);
    return V_NONE;
}

static val_t led_intensity(unsigned n, const val_t *args)
{
    if (n == 1)
        return V_INT(led_level(args[0]));
    intptr_t level = int_arg(args[1]);
    level = level < 0 ? 0 : level > 255 ? 255 : level;
    if (level == 0 || level == 255 || !led_dims(args[0]))
        led_set(args[0], level > 0);
    else
        hal_pwm_set(led_pin(args[0]), 1000, ((uint32_t)level * 65536 + 127) / 255);
    return V_NONE;
}

static void led_print(out_t *out, val_t self, print_t how)
{
    out_printf(out, "LED(%d)", (int)((const led_t *)obj_of(self))->number);
}

static const dict_entry_t led_table[] = {
    METHOD_1(on, led_on),
    METHOD_1(off, led_off),
    METHOD_1(toggle, led_toggle),
    METHOD_V(intensity, led_intensity, 1, 2),
};
static const dict_t led_attrs = ROM_DICT(led_table);
const type_t type_LED = {TYPE_HEAD, .name = Q(LED), .attrs = &led_attrs, .make = led_make, .print = led_print};

/* At power-on the chip's debug pins pull some of them up. */
void board_init(void)
{
    for (unsigned i = 0; i < LEDS; i++)
        led_set(V_OBJ(&leds[i]), false);
}

void board_deinit(void) { pyb_timer_deinit(); }

/* ---- Switch ---- */

static const obj_t the_switch = {&type_Switch};

static unsigned switch_pin(void) { return (unsigned)pin_arg(VQ(SW))->number; }

static val_t switch_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 0);
    hal_pin_config(switch_pin(), HAL_IN, HAL_PULL_UP, 0);
    return V_OBJ(&the_switch);
}

static val_t switch_value(val_t self) { return V_BOOL(!hal_pin_read(switch_pin())); }

static val_t switch_call(val_t self, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 0);
    return switch_value(self);
}

/* The function of Switch.callback takes no argument; what is scheduled has one: the function. */
static val_t call_without(val_t fn) { return call_0(fn); }
static const val_t call_without_fn = NATIVE_FN1(call_without);

static val_t switch_callback(val_t self, val_t fn)
{
    if (fn == V_NONE)
        pin_watch(switch_pin(), 0, V_NONE, V_NONE);
    else
        pin_watch(switch_pin(), HAL_FALLING, call_without_fn, fn);
    return V_NONE;
}

static void switch_print(out_t *out, val_t self, print_t how) { out_text(out, "Switch()"); }

static const dict_entry_t switch_table[] = {
    METHOD_1(value, switch_value),
    METHOD_2(callback, switch_callback),
};
static const dict_t switch_attrs = ROM_DICT(switch_table);
const type_t type_Switch = {TYPE_HEAD, .name = Q(Switch), .attrs = &switch_attrs, .make = switch_make, .call = switch_call,
                            .print = switch_print};

/* ---- time ---- */

static val_t pyb_delay(val_t ms)
{
    if (int_arg(ms) > 0)
        wait_us((uint64_t)int_arg(ms) * 1000);
    return V_NONE;
}

static val_t pyb_udelay(val_t us)
{
    if (int_arg(us) > 0)
        wait_us((uint64_t)int_arg(us));
    return V_NONE;
}

static val_t pyb_millis(void) { return V_INT(hal_ticks_ms() & V_INT_MAX); }
static val_t pyb_micros(void) { return V_INT(hal_ticks_us() & V_INT_MAX); }
static val_t pyb_elapsed_millis(val_t start) { return V_INT((hal_ticks_ms() - (uint32_t)int_arg(start)) & V_INT_MAX); }
static val_t pyb_elapsed_micros(val_t start) { return V_INT((hal_ticks_us() - (uint32_t)int_arg(start)) & V_INT_MAX); }

/* ---- the rest ---- */

static val_t pyb_rng(void) { return V_INT(hal_random() >> 2); } /* 30 bits */

static val_t pyb_wfi(void)
{
    hal_idle();
    vm_poll();
    return V_NONE;
}

static val_t pyb_sync(void)
{
    fsys_sync();
    return V_NONE;
}

static val_t pyb_info(unsigned n, const val_t *args)
{
    uint8_t id[16];
    uint32_t hz[4];
    size_t used, free_bytes, largest;
    unsigned len = hal_unique_id(id);
    out_text(&out_console, "ID=");
    for (unsigned i = 0; i < len; i++)
        out_printf(&out_console, "%02x%s", id[i], i % 4 == 3 && i < len - 1 ? ":" : "");
    unsigned count = hal_freq(hz);
    static const char *const names[] = {"\nS=", "\nH=", "\nP1=", "\nP2="};
    for (unsigned i = 0; i < count; i++)
        out_printf(&out_console, "%s%u", names[i], (unsigned)hz[i]);
    heap_stats(&used, &free_bytes, &largest);
    out_printf(&out_console, "\nGC: %u total, %u used, %u free, largest free %u\n", (unsigned)(used + free_bytes),
               (unsigned)used, (unsigned)free_bytes, (unsigned)largest);
    return V_NONE;
}

/* pyb.main("file.py"): what runs after boot.py instead of main.py. */
static val_t pyb_main(val_t path)
{
    size_t len;
    const char *text = str_arg(path, &len);
    if (len >= DEVICE_MAIN_MAX)
        raise_value("path too long");
    memcpy(device_main, text, len + 1);
    return V_NONE;
}

static val_t pyb_repl_uart(unsigned n, const val_t *args) { return V_NONE; }

static const dict_entry_t pyb_table[] = {
    {VQ(LED), V_OBJ(&type_LED)},
    {VQ(Switch), V_OBJ(&type_Switch)},
    {VQ(Pin), V_OBJ(&type_Pin)},
    {VQ(ADC), V_OBJ(&type_ADC)},
    {VQ(ADCAll), V_OBJ(&type_ADCAll)},
    {VQ(DAC), V_OBJ(&type_DAC)},
    {VQ(I2C), V_OBJ(&type_I2C)},
    {VQ(SPI), V_OBJ(&type_SPI)},
    {VQ(UART), V_OBJ(&type_UART)},
    {VQ(RTC), V_OBJ(&type_RTC)},
    {VQ(Timer), V_OBJ(&type_pyb_Timer)},
    {VQ(Servo), V_OBJ(&type_Servo)},
    {VQ(Accel), V_OBJ(&type_Accel)},
    {VQ(ExtInt), V_OBJ(&type_ExtInt)},
    FUNC_1(delay, pyb_delay),
    FUNC_1(udelay, pyb_udelay),
    FUNC_0(millis, pyb_millis),
    FUNC_0(micros, pyb_micros),
    FUNC_1(elapsed_millis, pyb_elapsed_millis),
    FUNC_1(elapsed_micros, pyb_elapsed_micros),
    FUNC_0(rng, pyb_rng),
    FUNC_0(wfi, pyb_wfi),
    FUNC_0(sync, pyb_sync),
    FUNC_V(info, pyb_info, 0, 1),
    FUNC_1(main, pyb_main),
    FUNC_V(repl_uart, pyb_repl_uart, 0, 1),
    FUNC_0(hard_reset, machine_reset),
    FUNC_0(unique_id, machine_unique_id),
    FUNC_V(freq, machine_freq, 0, 4),
    FUNC_V(bootloader, machine_bootloader, 0, 1),
    FUNC_V(stop, machine_lightsleep, 0, 1),
    FUNC_V(standby, machine_deepsleep, 0, 1),
    FUNC_0(disable_irq, machine_disable_irq),
    FUNC_V(enable_irq, machine_enable_irq, 0, 1),
};
MODULE(pyb, pyb_table);
